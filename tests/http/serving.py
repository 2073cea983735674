"""What the tests of the server as a whole share: a project, a server on a free port, requests, its log. Only Python's standard library.

A test is a script `script TEND TEND-SERVE …`. It ends with 0 (passed), 1 (failed) or 77 (skipped).
"""
import atexit, glob, http.client, json, os, pathlib, re, signal, subprocess, sys, tempfile, time

TEND, SERVE = (os.path.abspath(path) for path in sys.argv[1:3])
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(TEND).resolve().parent.parent
ROW = {"age": 39, "hours": 40, "education": "bachelor", "city": "Oslo"}
os.environ.update(TEND=TEND, SERVE=SERVE, ROOT=str(ROOT), BUILD=str(BUILD))
failures = []


def check(good, what):
    print(("ok      " if good else "FAILED  ") + what, flush=True)
    if not good:
        failures.append(what)


def finish():
    sys.exit(1 if failures else 0)


def skip(why):
    print("skipped: " + why)
    sys.exit(77)


class Project:
    """A folder of its own, gone at the end."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="tend-http-", ignore_cleanup_errors=True)
        self.path = pathlib.Path(self._folder.name)

    def shell(self, words):
        """Words of support.sh, run here."""
        done = subprocess.run(["bash", "-c", '. "$ROOT/tests/http/support.sh"; ' + words], cwd=self.path, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"FAILED: {words}\n{done.stdout}{done.stderr}")
        return done.stdout

    def tend(self, *arguments):
        done = subprocess.run([TEND, *arguments], cwd=self.path, capture_output=True, text=True)
        if done.returncode not in (0, 1):
            sys.exit(f"FAILED: tend {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def predictions(self, model):
        """The whole prediction log, line by line, oldest first, with what sealing and crashes may leave behind."""
        plain = {}
        for path in glob.glob(f"{self.path}/.tend/predictions/{model}/*.ndjson*"):
            if not path.endswith(".tmp"):
                name = path.removesuffix(".zst")
                if path.endswith(".zst") or name not in plain:
                    plain[name] = path
        for name in sorted(plain):
            path = plain[name] if os.path.exists(plain[name]) else name + ".zst"  # it may have been sealed just now
            data = open(path, "rb").read()
            if path.endswith(".zst"):
                data = subprocess.run(["zstdcat"], input=data, capture_output=True, check=True).stdout
            yield from data[: data.rfind(b"\n") + 1].splitlines()  # a torn last line was never acknowledged


class Server:
    def __init__(self, folder, *arguments, wrap=()):
        self.log = open(os.path.join(folder, "serve.log"), "ab")
        begun = self.log.tell()
        self.process = subprocess.Popen([*wrap, SERVE, "--port", "0", *map(str, arguments)], cwd=folder, stderr=self.log, stdin=subprocess.DEVNULL)
        atexit.register(self.kill)  # however the test ends, nothing is left behind
        for _ in range(1200):
            with open(self.log.name, "rb") as log:
                log.seek(begun)
                said = log.read().decode()
            found = re.search(r" on https?://(?:127\.0\.0\.1|localhost):(\d+)\n", said)
            if found:
                self.port = int(found[1])
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.025)
        sys.exit("FAILED: the server did not start:\n" + said)

    @property
    def pid(self):
        return self.process.pid

    def said(self):
        return open(self.log.name, encoding="utf-8", errors="replace").read()

    def stop(self):
        """Ends it properly; what a sanitizer found at the end counts."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        check(status == 0, f"the server ended with {status}" + ("" if status == 0 else "\n" + self.said()[-6000:]))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def connect(self):
        return Client(self.port)


class Client:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method, path, body=None, headers=None):
        """status, headers, body"""
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def json(self, path, document, **headers):
        status, _, body = self.ask("POST", path, json.dumps(document), {"Content-Type": "application/json", **headers})
        return status, json.loads(body)

    def close(self):
        self.connection.close()


def load_program():
    """The load generator of bench/serve, built beside the tests."""
    path = BUILD / "bin/tend_load"
    return str(path) if path.exists() else skip("tend_load is not built")


def load(*arguments):
    return subprocess.Popen([load_program(), *map(str, arguments)], stdout=subprocess.PIPE, text=True)


def outcome(process):
    return json.loads(process.communicate()[0])
