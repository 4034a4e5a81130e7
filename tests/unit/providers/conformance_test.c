/* SPDX-License-Identifier: ISC */
/*
 * Our T0 instances against replies captured from real firmware: names, order and form of
 * properties, and fixed key values. The captures are not in the tree: they are read from
 * $VAMT_SHARED/reference/wsman/responses (../shared beside the checkout); without them
 * the test is skipped.
 */
#include "unit.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "cim/cim_provider.h"
#include "cim/schema.h"
#include "providers/host_double.h"

enum { FILE_CAP = 65536, NAMES_MAX = 64, NAME_CAP = 64, PATH_CAP = 512 };

/* Captured and not ours, or ours and captured nowhere; with the reason. */
struct exemption {
    const char *class;
    const char *property;
    const char *reason;
};
static const struct exemption exemptions[] = {
    {"AMT_BootSettingData", "BootguardStatus", "later firmware"},
    {"AMT_BootSettingData", "PlatformErase", "later firmware"},
    {"AMT_BootSettingData", "RPEEnabled", "later firmware"},
    {"AMT_BootSettingData", "SecureBootControlEnabled", "later firmware"},
    {"AMT_BootSettingData", "UEFIHTTPSBootEnabled", "later firmware"},
    {"AMT_BootSettingData", "UEFILocalPBABootEnabled", "later firmware"},
    {"AMT_BootSettingData", "UefiBootNumberOfParams", "later firmware"},
    {"AMT_BootSettingData", "WinREBootEnabled", "later firmware"},
    {"AMT_GeneralSettings", "DHCPSyncRequiresHostname", "later firmware"},
    {"AMT_GeneralSettings", "ThunderboltDockEnabled", "later firmware"},
    {"AMT_SetupAndConfigurationService", "ProvisioningPID", "older firmware"},
    {"AMT_TLSSettingData", "NonSecureConnectionsSupported", "later firmware"},
    {"CIM_AssociatedPowerManagementService", "RequestedPowerState",
     "in one capture; only known after a request"},
};

static const struct cim_class *const classes[] = {
    &CIM_AssociatedPowerManagementService_class,
    &CIM_PowerManagementService_class,
    &CIM_BootService_class,
    &CIM_BootConfigSetting_class,
    &CIM_BootSourceSetting_class,
    &AMT_BootSettingData_class,
    &AMT_BootCapabilities_class,
    &CIM_KVMRedirectionSAP_class,
    &IPS_KVMRedirectionSettingData_class,
    &AMT_RedirectionService_class,
    &AMT_GeneralSettings_class,
    &CIM_SoftwareIdentity_class,
    &AMT_SetupAndConfigurationService_class,
    &IPS_HostBasedSetupService_class,
    &AMT_SystemPowerScheme_class,
    &CIM_Chip_class,
    &AMT_PublicKeyManagementService_class,
    &AMT_TLSSettingData_class,
    &AMT_AuditLog_class,
};

static char folder[PATH_CAP];
static unsigned instances_compared;
static struct cim_bag bag;

static bool is_exempt(const char *class, const char *property)
{
    for (size_t i = 0; i < sizeof(exemptions) / sizeof(exemptions[0]); i++) {
        if (strcmp(exemptions[i].class, class) == 0 &&
            strcmp(exemptions[i].property, property) == 0) {
            return true;
        }
    }
    return false;
}

/* The whole file in a static buffer, or NULL. */
static char *load(const char *path)
{
    static char text[FILE_CAP];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return NULL;
    }
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    assert_true(len < sizeof(text) - 1);
    text[len] = '\0';
    return text;
}

/* INDEX.tsv marks a file that is as it was captured, and nothing else is said of it. */
static bool is_as_captured(const char *index, const char *class, const char *name)
{
    char wanted[PATH_CAP];
    snprintf(wanted, sizeof(wanted), "\n%s/%s\t", class, name);
    const char *line = strstr(index, wanted);
    if (line == NULL) {
        return false;
    }
    const char *end = strchr(line + 1, '\n');
    const char *flag = strstr(line, "\tas-captured\t");
    return flag != NULL && (end == NULL || flag < end);
}

struct element {
    char name[NAME_CAP];
    const char *content; /* up to the next tag */
    size_t content_len;
};

/* The child elements of `<X:class>` at *at; moves *at behind its end. */
static size_t children(const char **at, const char *class, struct element *found)
{
    size_t count = 0;
    unsigned depth = 0;
    const char *tag = *at;
    while ((tag = strchr(tag, '<')) != NULL) {
        bool is_end = tag[1] == '/';
        const char *colon = tag + 1 + strcspn(tag + 1, ":>");
        const char *name = *colon == ':' ? colon + 1 : tag + 1 + (is_end ? 1 : 0);
        size_t name_len = strcspn(name, " />\t\n");
        const char *close = strchr(tag, '>');
        assert_non_null(close);
        if (is_end) {
            if (depth == 0) {
                *at = close;
                return count;
            }
            depth--;
        } else {
            if (depth == 0) {
                assert_true(count < NAMES_MAX && name_len < NAME_CAP);
                memcpy(found[count].name, name, name_len);
                found[count].name[name_len] = '\0';
                found[count].content = close + 1;
                found[count].content_len = strcspn(close + 1, "<");
                count++;
            }
            depth += close[-1] == '/' ? 0 : 1;
        }
        tag = close;
    }
    fail_msg("%s does not end", class);
    return 0;
}

/* Has the captured text the form of our value? */
static bool has_form(const struct cim_value *value, const struct element *element)
{
    struct span text = span_trim(span_of(element->content, element->content_len));
    uint64_t number = 0;
    switch (value->kind) {
    case CIM_KIND_BOOLEAN:
        return span_equal_str(text, "true") || span_equal_str(text, "false");
    case CIM_KIND_UINT:
        return span_to_uint(text, UINT32_MAX, &number) ||
               span_starts_with(text, "${"); /* a template's place holder */
    case CIM_KIND_PATH:
        return text.len == 0; /* children follow */
    default:
        return !span_equal_str(text, "true") && !span_equal_str(text, "false");
    }
}

/* Our instance that a captured one corresponds to: same InstanceID or Tag, else the only
 * one. */
static void find_ours(const struct cim_class *class, const struct element *elements,
                      size_t count)
{
    struct cim_path path = {.class = class};
    for (size_t i = 0; i < count; i++) {
        if (strcmp(elements[i].name, "InstanceID") == 0 ||
            strcmp(elements[i].name, "Tag") == 0) {
            path.selector_count = 1;
            path.selectors[0].name = span_str(elements[i].name);
            path.selectors[0].text = span_trim(
                span_of(elements[i].content, elements[i].content_len));
        }
    }
    int result = cim_get(&host_double_admin, &path, &bag);
    if (result != CIM_OK) {
        fail_msg("%s: no instance \"%.*s\" here", class->name,
                 (int)path.selectors[0].text.len, path.selectors[0].text.ptr);
    }
}

static void compare(const char *file, const struct cim_class *class,
                    const struct element *elements, size_t count, bool *seen)
{
    find_ours(class, elements, count);
    for (size_t i = 0; i < count; i++) {
        const char *name = elements[i].name;
        if (is_exempt(class->name, name)) {
            continue;
        }
        if (cim_schema_property(class, span_str(name)) == NULL ||
            cim_bag_get(&bag, name, 0) == NULL) {
            fail_msg("%s: %s lacks %s", file, class->name, name);
        }
        if (!has_form(cim_bag_get(&bag, name, 0), &elements[i])) {
            fail_msg("%s: %s.%s has another form", file, class->name, name);
        }
        if (i > 0 && strcmp(elements[i - 1].name, name) > 0) {
            fail_msg("%s: %s is not in ASCII order", file, name);
        }
        for (size_t j = 0; j < class->property_count; j++) {
            seen[j] = seen[j] || strcmp(class->properties[j]->name, name) == 0;
        }
    }
    instances_compared++;
}

static void compare_file(const char *path, const struct cim_class *class, bool *seen)
{
    char open[NAME_CAP + 2];
    struct element elements[NAMES_MAX];
    const char *at = load(path);
    assert_non_null(at);
    snprintf(open, sizeof(open), ":%s>", class->name);
    while ((at = strstr(at, open)) != NULL) {
        at += strlen(open) - 1;
        size_t count = children(&at, class->name, elements);
        compare(path, class, elements, count, seen);
    }
}

static void assert_ours_was_seen(const struct cim_class *class, const bool *seen)
{
    struct cim_cursor cursor;
    assert_int_equal(cim_enumerate(&host_double_admin, class, &cursor), CIM_OK);
    while (cim_page_next(&host_double_admin, &cursor, &bag) == 1) {
        for (size_t i = 0; i < class->property_count; i++) {
            const char *name = class->properties[i]->name;
            if (cim_bag_get(&bag, name, 0) != NULL && !seen[i] &&
                !is_exempt(class->name, name)) {
                fail_msg("%s.%s is in no capture", class->name, name);
            }
        }
    }
}

/* Some classes are known only from replies that a library's authors have touched up. */
static bool is_usable(const char *index, const struct cim_class *class, const char *name)
{
    bool only_edited = class == &CIM_BootService_class ||
                       class == &CIM_BootConfigSetting_class ||
                       class == &CIM_BootSourceSetting_class;
    bool is_reply = strncmp(name, "get", 3) == 0 || strncmp(name, "pull", 4) == 0;
    return is_reply && (only_edited || is_as_captured(index, class->name, name));
}

static void test_instances_are_like_captured_ones(void **state)
{
    static char index[FILE_CAP * 4];
    char path[PATH_CAP * 2];
    (void)state;
    snprintf(path, sizeof(path), "%s/INDEX.tsv", folder);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        print_message("skipped: no captures in %s\n", folder);
        skip();
    }
    index[fread(index, 1, sizeof(index) - 1, file)] = '\0';
    fclose(file);
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        bool seen[NAMES_MAX * 2] = {false};
        assert_true(classes[i]->property_count <= NAMES_MAX * 2);
        snprintf(path, sizeof(path), "%s/%s", folder, classes[i]->name);
        DIR *dir = opendir(path);
        assert_non_null(dir);
        for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
            if (is_usable(index, classes[i], entry->d_name)) {
                snprintf(path, sizeof(path), "%s/%s/%s", folder, classes[i]->name,
                         entry->d_name);
                compare_file(path, classes[i], seen);
            }
        }
        closedir(dir);
        assert_ours_was_seen(classes[i], seen);
    }
    print_message("%u captured instances compared\n", instances_compared);
    assert_true(instances_compared > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_instances_are_like_captured_ones),
    };
    const char *shared = getenv("VAMT_SHARED");
    snprintf(folder, sizeof(folder), "%s/reference/wsman/responses",
             shared != NULL ? shared : "../shared");
    host_double_reset();
    host_double.has_inventory = true;
    host_double.inventory.has_processor = true;
    host_double.inventory.processor.sockets = 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
