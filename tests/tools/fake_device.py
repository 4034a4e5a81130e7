# SPDX-License-Identifier: ISC
"""An AMT device as far as tools/calibrate asks it, to be disagreeable in ways ours is not."""
import hashlib
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USER, PASSWORD, REALM = "admin", "Fake-Pass-1", "Digest:FAKE"
IDENTITIES = 11
SOAP = '<a:Envelope xmlns:a="http://www.w3.org/2003/05/soap-envelope"><a:Header/><a:Body>%s' \
       "</a:Body></a:Envelope>"
ENUM = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"


def md5(*parts):
    return hashlib.md5(":".join(parts).encode()).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1                    # a reply in one piece,
    disable_nagle_algorithm = True   # at once
    server_version = sys_version = ""

    def log_message(self, *args):
        pass

    def version_string(self):
        return "Intel(R) Active Management Technology 9.9.9"

    def send(self, status, body, head=()):
        self.send_response(status)
        for key, value in head:
            self.send_header(key, value)
        data = body.encode()
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def is_logged_in(self):
        found = dict(re.findall(r'(\w+)="?([^",]*)"?', self.headers.get("Authorization", "")))
        return found.get("response") == md5(
            md5(USER, REALM, PASSWORD), self.server.fake.nonce, found.get("nc", ""),
            found.get("cnonce", ""), "auth", md5("POST", "/wsman"))

    def do_POST(self):
        fake = self.server.fake
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fake.requests += 1
        fake.seen.set()
        if fake.refuses_digest:
            return self.send(401, "", [("WWW-Authenticate", 'Basic realm="x"')])
        if not self.is_logged_in():
            self.close_connection = True
            return self.send(401, "</html>", [
                ("WWW-Authenticate", 'Digest realm="%s", nonce="%s",stale="false",qop="auth"'
                 % (REALM, fake.nonce)), ("Connection", "close")])
        if fake.stale_every and fake.requests % fake.stale_every == 0:
            fake.nonce += "x"
        return self.send(*fake.answer(body))


class Server(ThreadingHTTPServer):
    request_queue_size = 64


class FakeDevice:
    def __init__(self):
        self.idle, self.is_on = 65535, True
        self.puts, self.powers = [], []
        self.refuses_digest = self.refuses_power = self.ignores_max = False
        self.lacks_uuid = True
        self.hangs_at_idle = None   # a Put of this IdleWakeTimeout is done and not answered
        self.stale_every = 0
        self.nonce = "nonce"
        self.requests = 0
        self.seen = threading.Event()
        self.left = {}
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.fake = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def general(self):
        return ("<h:AMT_GeneralSettings xmlns:h='u'><h:HostName>a&amp;b</h:HostName>"
                "<h:IdleWakeTimeout>%d</h:IdleWakeTimeout></h:AMT_GeneralSettings>" % self.idle)

    def instances(self, name):
        if name == "CIM_SoftwareIdentity":
            return ["<h:CIM_SoftwareIdentity xmlns:h='u'/>"] * IDENTITIES
        if name == "CIM_ServiceAvailableToElement":
            return ["<h:X xmlns:h='u'><h:PowerState>%d</h:PowerState></h:X>"
                    % (2 if self.is_on else 8)]
        return [self.general()]

    def pull(self, name, body):
        context = re.search(r"EnumerationContext>(\w+)<", body).group(1)
        most = 999 if self.ignores_max else int(re.search(r"MaxElements>(\d+)", body).group(1))
        items, self.left[context] = self.left[context][:most], self.left[context][most:]
        more = "<g:EnumerationContext>%s</g:EnumerationContext>" % context
        return "<g:PullResponse xmlns:g='%s'>%s<g:Items>%s</g:Items></g:PullResponse>" % (
            ENUM, more if self.left[context] else "", "".join(items))

    def answer(self, body):
        """(status, text)."""
        if "Identify/>" in body:
            return 200, SOAP % "<i/>"
        action = re.search(r"<a:Action>[^<]*/(\w+)<", body).group(1)
        name = re.search(r"<w:ResourceURI>[^<]*/(\w+)<", body).group(1)
        if action == "Get":
            return 200, SOAP % (self.general() if name == "AMT_GeneralSettings" else
                                "<h:I xmlns:h='u'><h:VersionString>9.9.9</h:VersionString></h:I>")
        if action == "Put":
            self.puts.append(body)
            self.idle = int(re.search(r"IdleWakeTimeout>(\d+)", body).group(1))
            if self.idle == self.hangs_at_idle:
                time.sleep(5)
            return 200, SOAP % self.general()
        if action == "Enumerate":
            context = "c%d" % self.requests
            self.left[context] = self.instances(name)
            return 200, SOAP % ("<g:E xmlns:g='%s'><g:EnumerationContext>%s</g:EnumerationContext>"
                                "</g:E>" % (ENUM, context))
        if action == "Pull":
            return 200, SOAP % self.pull(name, body)
        if action == "RequestPowerStateChange":
            state = int(re.search(r"<r:PowerState>(\d+)", body).group(1))
            self.powers.append(state)
            if not self.refuses_power:
                self.is_on = state == 2
            return 200, SOAP % ("<r:O xmlns:r='u'><r:ReturnValue>%d</r:ReturnValue></r:O>"
                                % (16 if self.refuses_power else 0))
        if action == "GetUuid" and self.lacks_uuid:
            return 400, SOAP % "<a:Fault><a:Reason><a:Text>No such thing.</a:Text></a:Reason>" \
                               "</a:Fault>"
        return 200, SOAP % "<r:O xmlns:r='u'><r:ReturnValue>0</r:ReturnValue></r:O>"
