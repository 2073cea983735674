#!/usr/bin/env python3
"""The two pages in a real browser: browser.py BASE-URL [TOKEN]

Drives Chromium by the WebDriver protocol (W3C), with nothing but Python's own library. Exit status 0: all is well; 1: it is not;
77: there is no Chromium, or no chromedriver.
"""
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

BASE = sys.argv[1].rstrip("/")
TOKEN = sys.argv[2] if len(sys.argv) > 2 else ""
DRIVER = shutil.which("chromedriver")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen([DRIVER, f"--port={self.port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        options = {"binary": BROWSER, "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,1600"]}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        self.session = ""
        for attempt in range(100):
            try:
                self.session = self.call("POST", "", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
                break
            except urllib.error.URLError:
                if attempt == 99:
                    raise
                time.sleep(0.2)

    def call(self, method, path, body=None):
        address = f"http://127.0.0.1:{self.port}/session" + (f"/{self.session}" if self.session else "") + path
        data = None if method == "GET" else json.dumps(body or {}).encode()
        request = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=120) as response:
            return json.load(response)["value"]

    def open(self, path):
        self.call("POST", "/url", {"url": BASE + path})

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script, what):
        for _ in range(300):
            if self.run("return " + script):
                return
            time.sleep(0.1)
        fail(f"{what}: not within 30 s\n" + self.run("return document.body.innerText")[:2000])

    def complaints(self):
        """What the console has that is a fault of ours: a refused token is not."""
        entries = self.call("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING") and not " 401 " in entry["message"]]

    def close(self):
        try:
            self.call("DELETE", "")
        finally:
            self.process.terminate()
            self.process.wait()


def fail(why):
    raise SystemExit(f"browser: {why}")


def get(path):
    headers = {"Authorization": f"Bearer {TOKEN}"} if TOKEN else {}
    with urllib.request.urlopen(urllib.request.Request(BASE + path, headers=headers), timeout=30) as response:
        return json.load(response)


def check(condition, why):
    if not condition:
        fail(why)


def enter_token(browser):
    if TOKEN:
        browser.wait("!document.getElementById('gate').hidden", "the question for a token")
        browser.run("document.getElementById('token').value = arguments[0]; document.querySelector('#gate button').click()", TOKEN)


def check_page(browser):
    models = get("/models")
    name = models["default"] or models["models"][0]["name"]
    card = get(next(model for model in models["models"] if model["name"] == name)["links"]["self"])
    browser.open("/")
    enter_token(browser)
    browser.wait("!document.getElementById('content').hidden && document.querySelectorAll('.field').length > 0", "the form")
    labels = browser.run("return [...document.querySelectorAll('.field label')].map(label => label.firstChild.textContent)")
    check(labels == [one["name"] for one in card["inputs"]], f"the form asks for {labels}")
    check(browser.run("return [...document.querySelectorAll('.field input, .field select')].every(field => field.labels.length === 1)"),
          "a field has no label")
    check(name in browser.run("return document.getElementById('curl').textContent"), "the shell line does not name the model")

    browser.run("document.getElementById('predict').click()")
    browser.wait("document.querySelector('#result .big')", "the prediction")
    # What the page shows is what the server answers to the shell line's own row.
    sent = browser.run("return rowText()")
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {TOKEN}"} if TOKEN else {})}
    request = urllib.request.Request(BASE + card["links"]["predict"], sent.encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        answer = json.load(response)
    shown = browser.run("return document.querySelector('#result .big').textContent")
    if isinstance(answer["prediction"], str):
        check(shown == answer["prediction"], f"the page shows {shown!r}, the server answers {answer['prediction']!r}")
    if card["explains"]:
        check(browser.run("return document.querySelectorAll('.why tbody tr').length") > 0, "the explanation is not there")

    # Names and levels are text, whatever they look like: nothing of the data became an element.
    check(browser.run("return document.querySelectorAll('script, img, svg, iframe, object').length") == 1, "the data became HTML")

    # A value that does not fit is blamed on its field, and the shell line follows the form.
    numbers = [i for i, one in enumerate(card["inputs"]) if one["type"] in ("integer", "number") and one.get("severity") != "warning"
               and one.get("range", [None, None])[1] is not None]
    if numbers:
        browser.run("const field = document.getElementById(arguments[0]); field.value = '123456789';"
                    "field.dispatchEvent(new Event('input', {bubbles: true})); document.getElementById('predict').click()", f"field-{numbers[0]}")
        browser.wait("document.querySelector('[aria-invalid=true]')", "the fault at its field")
        check("123456789" in browser.run("return document.getElementById('curl').textContent"), "the shell line does not follow the form")
    found = [each for each in browser.complaints() if " 422 " not in each]
    check(not found, "the console says: " + "; ".join(found))


def check_docs(browser):
    document = get("/openapi.json")
    browser.open("/docs")
    if not browser.run("return sessionStorage.getItem('tend-token') || ''"):
        enter_token(browser)
    browser.wait("document.querySelectorAll('details.op').length > 0", "the operations")
    listed = browser.run("return [...document.querySelectorAll('details.op')].map(one => one.querySelector('.method').textContent + ' ' + "
                         "one.querySelector('.path').textContent)")
    wanted = [f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item]
    check(sorted(listed) == sorted(wanted), f"/docs lists {sorted(listed)}, the document has {sorted(wanted)}")
    found = browser.complaints()
    check(not found, "the console says: " + "; ".join(found))


def main():
    if not DRIVER or not BROWSER:
        print("browser: there is no chromium or no chromedriver", file=sys.stderr)
        sys.exit(77)
    browser = Browser()
    try:
        check_page(browser)
        check_docs(browser)
    finally:
        browser.close()
    print("browser: ok")


main()
