/* SPDX-License-Identifier: ISC */
/* Attach and detach on the fake hypervisor: arguments, the companion's XML, roll-back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "attach.h"
#include "linkxml.h"
#include "shim_fixture.h"
#include "virt_fake.h"
#include "xmlutil.h"

static struct virt_fake fake;
static struct virt_fake_domain *host;
static char state_dir[64];
static char image[96];
static struct attach a;
static struct attach_result result;

static unsigned count_entries(void)
{
    DIR *dir = opendir(state_dir);
    unsigned count = 0;

    while (readdir(dir) != NULL) {
        count++;
    }
    closedir(dir);
    return count - 2;
}

static int setup(void **state)
{
    static char blank[65536];
    FILE *file;

    (void)state;
    snprintf(state_dir, sizeof state_dir, "/tmp/vamt-attach-XXXXXX");
    assert_non_null(mkdtemp(state_dir));
    snprintf(image, sizeof image, "%s.fd", state_dir);
    file = fopen(image, "w");
    fwrite(blank, 1, sizeof blank, file);
    fclose(file);
    virt_fake_init(&fake);
    host = virt_fake_add(&fake, shim_fixture_off);
    return host == NULL;
}

static int teardown(void **state)
{
    (void)state;
    unlink(image);
    rmdir(state_dir);
    return 0;
}

static enum attach_code parse(const char *words)
{
    char line[512];
    struct request r;

    snprintf(line, sizeof line, "attach domain=mail %s", words);
    if (words[0] == '\0') {
        line[strlen(line) - 1] = '\0';
    }
    assert_int_equal(request_parse(span_str(line), &r), 0);
    return attach_parse(&r, image, &a, &result);
}

static enum attach_code run(const char *words)
{
    assert_int_equal(parse(words), ATTACH_OK);
    attach_do(&fake.base, state_dir, &a, &result);
    return result.code;
}

static void test_arguments(void **state)
{
    static const char *const bad[] = {
        "forward=0",
        "forward=65536",
        "forward=x",
        "forward=1.2.3:1",
        "forward=::1:80",
        "forward=80%3dx",
        "forward=1 network=n",
        "network=n bridge=b",
        "memory=7",
        "memory=x",
        "memory=99999",
        "mac=1:2",
        "mac=01:00:5e:00:00:01",
        "accel=x",
        "address=1.2.3.4",
        "address=1.2.3.4/33",
        "address=1.2.3.4/24",
        "image=relative",
        "address=1.2.3.4/24,x network=default",
        "password=",
        "address=1.2.3.0/24 network=default",
        "address=1.2.3.255/24 network=default",
        "address=224.0.0.1/24 network=default",
        "address=127.0.0.2/8 network=default",
        "address=0.0.0.7/24 network=default",
        "address=1.2.3.4/24,1.2.4.1 network=default",
        "address=1.2.3.4/24,1.2.3.4 network=default",
        "address=1.2.3.4/24x network=default",
        "password=UPPER123%2b",
        "password=lower123%2b",
        "password=NoDigits%2b%2b",
        "password=NoSpecial123",
        "password=Under_score1",
        "password=Quote%221x%2b",
        "password=Colon:1x%2b",
        "password=Comma,1x%2b",
        "password=A1%2baaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "unprovisioned=1 password=Sh0rt%2ba1",
        "provisioning-hashes=",
        "provisioning-hashes=root",
        "provisioning-hashes=root%20abcd",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (parse(bad[i]) != ATTACH_USAGE || result.text[0] == '\0') {
            fail_msg("accepted: %s", bad[i]);
        }
    }
    assert_int_equal(parse("password=Sh0rt%2ba1"), ATTACH_OK);
}

static void test_defaults(void **state)
{
    (void)state;
    assert_int_equal(parse(""), ATTACH_OK);
    assert_int_equal(a.compxml.forward_count, 2);
    assert_string_equal(a.compxml.forwards[1].address, "127.0.0.1");
    assert_int_equal(a.compxml.forwards[1].port, 16993);
    assert_int_equal(a.compxml.forwards[1].guest_port, 16993);
    assert_string_equal(a.compxml.forwards[0].address, "127.0.0.1");
    assert_int_equal(a.compxml.forwards[0].port, 16992);
    assert_int_equal(a.compxml.forwards[0].guest_port, 16992);
    assert_true(attach_password_is_valid(a.password));
    assert_true(strlen(a.password) >= 12);
    assert_int_equal(strlen(a.compxml.uuid), 36);
    assert_string_equal(a.seed, "dhcp");
    assert_int_equal(a.compxml.memory_mib, 8); /* what boards/qemu-x86 was tested with */
    assert_int_equal(parse("forward=0.0.0.0:8080 forward=5900 forward=81%3d16993"), 0);
    assert_int_equal(a.compxml.forwards[0].guest_port, 16992);
    assert_int_equal(a.compxml.forwards[1].guest_port, 5900);
    assert_int_equal(a.compxml.forwards[2].guest_port, 16993);
    assert_int_equal(parse("network=default address=192.0.2.7/24,192.0.2.1"), 0);
    assert_string_equal(a.seed, "static 192.0.2.7/24 gateway 192.0.2.1");
}

static void test_passwords_differ(void **state)
{
    char first[ATTACH_PASSWORD_CAP];

    (void)state;
    parse("");
    strcpy(first, a.password);
    for (int i = 0; i < 200; i++) {
        parse("");
        assert_true(attach_password_is_valid(a.password));
        assert_string_not_equal(a.password, first);
    }
}

static void test_attach_and_detach(void **state)
{
    struct virt_fake_domain *companion;
    char path[256];
    struct stat st;

    (void)state;
    host->info.is_autostart = true;
    assert_int_equal(run("forward=29017 memory=8"), ATTACH_OK);
    companion = virt_fake_find(&fake, "mail-vamt");
    assert_non_null(companion);
    assert_int_equal(companion->info.state, VIRT_STATE_RUNNING);
    assert_true(companion->info.is_autostart);
    assert_non_null(strstr(host->link, companion->info.uuid));
    assert_non_null(strstr(companion->link, SHIM_FIXTURE_UUID));
    assert_non_null(strstr(companion->stored, "hostfwd=tcp:127.0.0.1:29017-:16992"));
    assert_non_null(strstr(companion->stored, "<domain xmlns:qemu"));
    assert_non_null(strstr(companion->stored, "type=\"kvm\""));
    assert_non_null(strstr(companion->stored, "name=\"org.vamt.host.0\""));
    assert_null(strstr(companion->stored, a.password)); /* only in its file */
    snprintf(path, sizeof path, "%s/%s/admin-password", state_dir, result.uuid);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(run("forward=29018"), ATTACH_EXISTS);
    assert_non_null(strstr(result.text, "already"));
    detach_do(&fake.base, state_dir, "mail", &result);
    assert_int_equal(result.code, ATTACH_OK);
    assert_null(virt_fake_find(&fake, "mail-vamt"));
    assert_false(host->has_link);
    assert_int_equal(count_entries(), 0);
    detach_do(&fake.base, state_dir, "mail", &result);
    assert_int_equal(result.code, ATTACH_NOT_FOUND);
}

static void test_errors(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    char words[64];
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)state;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    listen(fd, 1);
    getsockname(fd, (struct sockaddr *)&at, &len);
    snprintf(words, sizeof words, "forward=%u", (unsigned)ntohs(at.sin_port));
    assert_int_equal(run(words), ATTACH_IN_USE);
    close(fd);
    assert_int_equal(run("network=other"), ATTACH_NOT_FOUND);
    assert_int_equal(run("bridge=nosuchbridge"), ATTACH_NOT_FOUND);
    assert_int_equal(run("bridge=lo"), ATTACH_NOT_FOUND);
    assert_string_equal(result.text, "lo is not a bridge");
    assert_int_equal(parse("network=default"), ATTACH_OK);
    strcpy(a.address, "127.0.0.1/24"); /* the one address that every machine has */
    attach_do(&fake.base, state_dir, &a, &result);
    assert_int_equal(result.code, ATTACH_IN_USE);
    assert_non_null(strstr(result.text, "127.0.0.1 belongs to this machine"));
    assert_int_equal(run("network=default image=/nonexistent"), ATTACH_FAILED);
    assert_int_equal(run("network=default image=/etc/passwd"), ATTACH_FAILED);
    fake.is_away = true;
    assert_int_equal(run("network=default"), ATTACH_LIBVIRT_AWAY);
    fake.is_away = false;
    strcpy(host->info.name, "renamed");
    assert_int_equal(run("network=default"), ATTACH_NOT_FOUND);
    assert_string_equal(fake.trace, "");
    assert_int_equal(count_entries(), 0);
}

static void test_address_of_another(void **state)
{
    (void)state;
    assert_int_equal(run("network=default address=192.0.2.7/24"), ATTACH_OK);
    assert_non_null(virt_fake_add(&fake, shim_fixture_plain));
    strcpy(a.domain, "tiny");
    parse("network=default address=192.0.2.7/25");
    strcpy(a.domain, "tiny");
    attach_do(&fake.base, state_dir, &a, &result);
    assert_int_equal(result.code, ATTACH_IN_USE);
    parse("network=default address=192.0.2.70/25");
    strcpy(a.domain, "tiny");
    attach_do(&fake.base, state_dir, &a, &result);
    assert_int_equal(result.code, ATTACH_OK);
    detach_do(&fake.base, state_dir, "tiny", &result);
    detach_do(&fake.base, state_dir, "mail", &result);
}

/* What is in a file of the companion's folder; its mode must be for its owner only. */
static const char *seed(const char *name)
{
    static char text[4096];
    char path[256];
    struct stat st;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s/%s", state_dir, a.compxml.uuid, name);
    if (stat(path, &st) != 0) {
        return NULL;
    }
    assert_int_equal(st.st_mode & 0777, 0600);
    file = fopen(path, "r");
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static bool has_entry(const char *name)
{
    char text[64];

    snprintf(text, sizeof text, "name=\"opt/vamt/%s\"", name);
    return strstr(virt_fake_find(&fake, "mail-vamt")->stored, text) != NULL;
}

static void test_seeds(void **state)
{
    char key[ATTACH_KEY_CAP];
    char path[256];
    struct stat st;

    (void)state;
    assert_int_equal(run("network=default"), ATTACH_OK);
    snprintf(path, sizeof path, "%s/%s/nvram.fd", state_dir, a.compxml.uuid);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 256 * 1024);
    assert_int_equal(st.st_mode & 0777, 0600);
    snprintf(key, sizeof key, "%s", seed("store-key"));
    assert_int_equal(strspn(key, "0123456789abcdef"), 64);
    assert_int_equal(strlen(seed("store-key")), 64);
    assert_string_equal(seed("admin-password"), a.password);
    assert_true(attach_password_is_valid(seed("local-password")));
    assert_string_not_equal(seed("local-password"), a.password);
    assert_null(seed("unprovisioned"));
    assert_null(seed("plain-ports"));
    assert_null(seed("provisioning-hashes"));
    assert_true(has_entry("store-key") && has_entry("local-password") &&
                has_entry("admin-password"));
    assert_false(has_entry("unprovisioned") || has_entry("plain-ports"));
    assert_null(strstr(virt_fake_find(&fake, "mail-vamt")->stored, key));
    assert_non_null(strstr(virt_fake_find(&fake, "mail-vamt")->stored,
                           "<watchdog model=\"ib700\" action=\"reset\"/>"));
    detach_do(&fake.base, state_dir, "mail", &result);
    assert_int_equal(run("network=default"), ATTACH_OK);
    assert_string_not_equal(seed("store-key"), key); /* each companion has its own */
    detach_do(&fake.base, state_dir, "mail", &result);
    assert_int_equal(count_entries(), 0);
}

static void test_unprovisioned(void **state)
{
#define DIGITS "0123456789abcdefABCDEF0123456789abcdefABCDEF01234567890123456789"
    (void)state;
    assert_int_equal(run("network=default unprovisioned=1 tls-only=1 "
                         "provisioning-hashes=%23%20mine%0amy%20root%20" DIGITS "%0a"),
                     ATTACH_OK);
    assert_string_equal(seed("unprovisioned"), "1");
    assert_string_equal(seed("plain-ports"), "off");
    assert_string_equal(seed("provisioning-hashes"), "# mine\nmy root " DIGITS "\n");
    assert_null(seed("admin-password"));
    assert_true(has_entry("unprovisioned") && has_entry("plain-ports") &&
                has_entry("provisioning-hashes"));
    assert_false(has_entry("admin-password"));
    assert_true(attach_password_is_valid(seed("local-password")));
    detach_do(&fake.base, state_dir, "mail", &result);
}

static void test_hashes(void **state)
{
    static const char line[] = "r " DIGITS "\n";
    char many[ATTACH_HASHES_CAP] = "";

    (void)state;
    assert_int_equal(attach_hashes_check(line), 0);
    assert_int_equal(attach_hashes_check("# only a comment\n"), 1);
    assert_int_equal(attach_hashes_check("r " DIGITS "\nx " DIGITS "0\n"), 2);
    assert_int_equal(attach_hashes_check(DIGITS), 1); /* no name */
    assert_int_equal(attach_hashes_check("r\x1b " DIGITS), 1);
    assert_int_equal(attach_hashes_check(
                         "r 01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:67:"
                         "89:ab:cd:ef:01:23:45:67:89:ab:cd:ef"),
                     0);
    for (int i = 0; i < 16; i++) {
        strcat(many, line);
    }
    assert_int_equal(attach_hashes_check(many), 0);
    strcat(many, line);
    assert_int_equal(attach_hashes_check(many), 17);
}

/* A companion cannot have a companion, nor a host's link point to a folder elsewhere. */
static void test_odd_links(void **state)
{
    (void)state;
    host->has_link = true;
    strcpy(host->link, "<link host='x'/>");
    assert_int_equal(run("network=default"), ATTACH_FAILED);
    strcpy(host->link, "<link companion='../../tmp'/>");
    detach_do(&fake.base, state_dir, "mail", &result);
    assert_int_equal(result.code, ATTACH_OK);
    assert_false(host->has_link);
    assert_int_equal(access(state_dir, F_OK), 0);
}

/* Each operation fails in turn: nothing is left behind. */
static void test_roll_back(void **state)
{
    unsigned at = 1;

    for (;; at++) {
        virt_fake_init(&fake);
        host = virt_fake_add(&fake, shim_fixture_off);
        host->info.is_autostart = true;
        fake.fail_at = at;
        if (run("network=default") == ATTACH_OK) {
            break;
        }
        assert_null(virt_fake_find(&fake, "mail-vamt"));
        assert_false(host->has_link);
        assert_int_equal(count_entries(), 0);
    }
    assert_true(at > 7);
    fake.fail_at = 0;
    detach_do(&fake.base, state_dir, "mail", &result);
    (void)state;
}

static void test_socket_path(void **state)
{
    char path[108];

    (void)state;
    assert_true(
        linkxml_socket("<domain><devices><channel><source path='/a'/>"
                       "<target name='org.qemu.guest_agent.0'/></channel><channel>"
                       "<source mode='bind' path='/b'/>"
                       "<target name='org.vamt.host.0'/></channel></devices></domain>",
                       path, sizeof path));
    assert_string_equal(path, "/b");
    assert_false(linkxml_socket("<domain/>", path, sizeof path));
    assert_false(linkxml_socket("<", path, sizeof path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_arguments, setup, teardown),
        cmocka_unit_test_setup_teardown(test_defaults, setup, teardown),
        cmocka_unit_test_setup_teardown(test_passwords_differ, setup, teardown),
        cmocka_unit_test_setup_teardown(test_attach_and_detach, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_address_of_another, setup, teardown),
        cmocka_unit_test_setup_teardown(test_seeds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unprovisioned, setup, teardown),
        cmocka_unit_test(test_hashes),
        cmocka_unit_test_setup_teardown(test_odd_links, setup, teardown),
        cmocka_unit_test_setup_teardown(test_roll_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_socket_path, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
