"""Bearer tokens (JWT, HS256) as the tests' login service would sign them."""
import base64
import hashlib
import hmac
import json
import time

SECRET = "a secret of these tests, and longer than 32 bytes"
ISSUER = "https://login.example"


def bearer(subject, secret=SECRET):
    """The value of Authorization for that person, good for an hour."""
    now = int(time.time())
    claims = {"sub": subject, "iss": ISSUER, "iat": now, "exp": now + 3600}
    signed = b".".join(_encoded(part) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    signature = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return f"Bearer {(signed + b'.' + _base64(signature)).decode()}"


def _encoded(part):
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _base64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")
