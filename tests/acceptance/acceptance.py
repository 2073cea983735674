"""What the acceptance tests share: a project in a folder of its own, commands in it, numbers held against bounds. Only Python's standard library.

A test is a script: `script TEND EXAMPLES`. It ends with 0 (passed), 1 (failed) or 77 (skipped: the reference data is not here).
"""
import csv, hashlib, json, os, pathlib, shutil, subprocess, sys, tempfile

TEND = os.path.abspath(sys.argv[1])
EXAMPLES = pathlib.Path(sys.argv[2])
failures = []


def reference_data(name):
    """A file or folder of the reference data, which does not travel with the source."""
    folder = os.environ.get("TEND_SHARED_DATA") or ""
    path = pathlib.Path(folder) / name
    if not folder or not path.exists():
        print(f"skipped: no {name} (set TEND_SHARED_DATA to the folder of reference data)")
        sys.exit(77)
    return path


def known_answer(name):
    return reference_data(f"known-answers/{name}")


class Project:
    """A folder with an example in it, gone at the end."""

    def __init__(self, example=None):
        self._folder = tempfile.TemporaryDirectory(prefix="tend-acceptance-")
        self.path = pathlib.Path(self._folder.name)
        if example:
            for name in ("tend.yaml", "data"):
                source = EXAMPLES / example / name
                (shutil.copytree if source.is_dir() else shutil.copy)(source, self.path / name)

    def tend(self, *arguments, status=0, **environment):
        done = subprocess.run([TEND, *arguments], cwd=self.path, capture_output=True, text=True, env={**os.environ, **environment})
        if done.returncode != status:
            print(done.stdout + done.stderr)
            sys.exit(f"FAILED: tend {' '.join(arguments)} ended with {done.returncode}, not {status}")
        return done.stdout

    def last_run(self):
        return json.loads(self.tend("runs", "show", "--json"))

    def quarantine(self):
        path = self.path / "report/quarantine.csv"
        return list(csv.DictReader(path.open(newline="", encoding="utf-8"))) if path.exists() else []

    def edit(self, old, new):
        path = self.path / "tend.yaml"
        text = path.read_text()
        if text.count(old) != 1:
            sys.exit(f"FAILED: tend.yaml has {text.count(old)} times: {old}")
        path.write_text(text.replace(old, new))

    def champion_digest(self):
        name = self.last_run()["model"]["name"]
        self.tend("models", "export", f"{name}@champion", "-o", "champion.tend")
        return hashlib.sha256((self.path / "champion.tend").read_bytes()).hexdigest()


def expect(holds, what):
    print(("ok      " if holds else "FAILED  ") + what)
    if not holds:
        failures.append(what)


def metric(run, name):
    return run["metrics"]["test"][name]["value"]


def expect_at_least(run, name, bound):
    expect(metric(run, name) >= bound, f"{name} {metric(run, name):.4f} >= {bound}")


def expect_at_most(run, name, bound):
    expect(metric(run, name) <= bound, f"{name} {metric(run, name):.4f} <= {bound}")


def expect_gates(run):
    for gate in run["gates"]:
        expect(gate["passed"], f"gate {gate.get('gate') or gate.get('text')}")


def finish():
    sys.exit(1 if failures else 0)
