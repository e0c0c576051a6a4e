"""Compares aws/sigv4 with botocore's SigV4Auth on random requests: by_botocore.py SIGN SEED COUNT

SIGN is the program of tests/signing/sign.c. What is left out, because the two mean different things by it:
- blanks other than space and tab, and characters beyond ASCII in header values: botocore folds all that Python calls
  white space, and HTTP has no encoding for the rest;
- the headers Expect, User-Agent and X-Amzn-Trace-Id, which botocore never signs, and Date, which it makes itself;
- in a query string that stands in the URL, spellings that are not canonical and empty pairs ("a&&b"): botocore sorts
  what it is given there and encodes nothing. Given as parameters it encodes, so each spelling is compared that way.
"""
import datetime
import random
import subprocess
import sys
from unittest import mock
from urllib.parse import quote, unquote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGIONS = "us-east-1 us-west-2 eu-central-1 ap-southeast-4 cn-northwest-1 us-gov-west-1".split()
NAMES = "Accept Content-Type X-Amz-Target x-amz-meta-a X-Amz-Meta-A-B X-a X_b If-Match content-encoding Range".split()
WIRE = "abcXYZ019-._~!$&'()*+,;=:@"
UNRESERVED = "abcXYZ0189-._~"


def text_of(rnd, alphabet, low, high):
    return "".join(rnd.choice(alphabet) for _ in range(rnd.randint(low, high)))


def any_text(rnd, low, high):
    """Unicode without surrogates, most of it ASCII."""
    ranges = ((0x20, 0x7e), (0x20, 0x7e), (1, 0x1f), (0xa0, 0x7ff), (0xe000, 0xffff), (0x10000, 0x10ffff))
    return "".join(chr(rnd.randint(*rnd.choice(ranges))) for _ in range(rnd.randint(low, high)))


def spell(rnd, text):
    """One of the ways to write a text in a query string."""
    out = []
    for byte in text.encode():
        char = chr(byte)
        if char in "&=#%+" or byte <= 0x20 or byte > 0x7e or rnd.random() < 0.2:
            code = f"%{byte:02X}"
            out.append(code.lower() if rnd.random() < 0.3 else code)
        else:
            out.append(char)
    return "".join(out)


def path_of(rnd):
    def segment():
        if rnd.random() < 0.3:
            return rnd.choice(["", ".", "..", "...", ".a"])
        return "".join(text_of(rnd, WIRE, 0, 4) + rnd.choice(["", f"%{rnd.randint(0, 255):02X}"])
                       for _ in range(rnd.randint(1, 3)))
    if rnd.random() < 0.2:
        return "/"
    return "/" + "/".join(segment() for _ in range(rnd.randint(1, 6))) + rnd.choice(["", "/"])


def query_of(rnd):
    """What botocore gets, as parameters or in the URL, and how it stands in our request line."""
    names = [any_text(rnd, 0, 5) for _ in range(rnd.randint(1, 4))]
    pairs = [(rnd.choice(names), any_text(rnd, 0, 8)) for _ in range(rnd.randint(1, 8))]
    if rnd.random() < 0.5:
        return pairs, "", "&".join(f"{spell(rnd, name)}={spell(rnd, value)}" for name, value in pairs)
    strict = [(quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in pairs]
    sent = "&".join(name if name and not value and rnd.random() < 0.5 else f"{name}={value}" for name, value in strict)
    return [], sent, sent


def value_of(rnd):
    blank = lambda: rnd.choice(["", "", " ", "  ", "\t", " \t  "])
    words = [text_of(rnd, [chr(c) for c in range(0x21, 0x7f)], 0, 8) for _ in range(rnd.randint(0, 4))]
    return blank() + "".join(word + (blank() or " ") for word in words)


def body_of(rnd):
    return rnd.randbytes(rnd.choice([0, 1, 63, 64, 65, rnd.randint(0, 300), rnd.randint(0, 3000)]))


class Request:
    """A random request, and what botocore makes of it."""

    def __init__(self, rnd):
        self.key = text_of(rnd, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, 20)
        self.secret = text_of(rnd, "abcdefXYZ0123/+=", 1, 60)
        self.token = text_of(rnd, "abcXYZ012/+=", 1, 400) if rnd.random() < 0.4 else None
        self.region = rnd.choice(REGIONS) if rnd.random() < 0.8 else text_of(rnd, "abc-123", 1, 20)
        self.service = rnd.choice(["aws-marketplace", "aws-marketplace", "sts", "iam", "x"])
        self.time = datetime.datetime(2000, 1, 1) + datetime.timedelta(seconds=rnd.randint(0, 3_000_000_000))
        self.method = rnd.choice(["POST", "POST", "GET", "PUT", "DELETE"])
        self.path = path_of(rnd)
        self.params, self.url_query, self.query = query_of(rnd) if rnd.random() < 0.6 else ([], "", "")
        self.body = body_of(rnd)
        self.host = rnd.choice(["metering.marketplace.us-east-1.amazonaws.com", "127.0.0.1:8081", "a.example:1"])
        self.headers = [(rnd.choice(NAMES), value_of(rnd)) for _ in range(rnd.randint(0, 6))]
        if rnd.random() < 0.3:
            self.headers.append(("Host", self.host))
        if rnd.random() < 0.2:
            self.headers.append(("X-Amz-Content-SHA256", botocore.auth.sha256(self.body).hexdigest()))

    def foreign(self):
        url = f"http://{self.host}{self.path}{'?' if self.url_query else ''}{self.url_query}"
        request = AWSRequest(self.method, url, data=self.body, params=self.params)
        for name, value in self.headers:
            request.headers[name] = value  # adds one more

        class Clock(datetime.datetime):
            utcnow = staticmethod(lambda: self.time)

        with mock.patch.object(botocore.auth.datetime, "datetime", Clock):
            botocore.auth.SigV4Auth(Credentials(self.key, self.secret, self.token), self.service,
                                    self.region).add_auth(request)
        return request.headers["Authorization"]

    def line(self):
        time = self.time.strftime("%Y%m%dT%H%M%SZ")
        headers = self.headers + [("X-Amz-Date", time)]
        if self.token:
            headers.append(("X-Amz-Security-Token", self.token))
        if "Host" not in dict(self.headers):
            headers.append(("host", self.host))
        fields = [self.key, self.secret, self.region, self.service, time, self.method, self.path, self.query, self.body]
        return "\t".join(quote(field, safe="") for field in fields + [part for header in headers for part in header])


def main(program, seed, count):
    rnd = random.Random(seed)
    requests = [Request(rnd) for _ in range(count)]
    lines = [request.line() for request in requests]
    # The last one is the first with another body: it must not have the same signature.
    requests[0].body += b"x"
    lines.append(requests[0].line())
    said = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    ours = [line.split("\t") for line in said.stdout.splitlines()]
    if len(ours) != count + 1 or ours[0][0] == ours[count][0]:
        sys.exit("the program under test does not sign each request for itself")
    requests[0].body = requests[0].body[:-1]
    for number, request in enumerate(requests):
        theirs = request.foreign()
        if ours[number][0] != theirs:
            sys.exit(f"seed {seed}, request {number}: {lines[number]}\nbotocore: {theirs}\nours:     {ours[number][0]}\n"
                     f"our canonical request:\n{unquote(ours[number][1])}")
    print(f"{count} requests agree")


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
