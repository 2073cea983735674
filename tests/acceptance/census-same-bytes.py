"""The same census in two folders, with one thread and with two: the same bundle, byte for byte."""
from acceptance import Project, expect, finish

digests = []
for jobs in ("1", "2"):
    project = Project("census")
    project.tend("run", TEND_JOBS=jobs)
    digests.append(project.champion_digest())
    expect(project.last_run()["model"]["sha256"] == digests[-1], f"{jobs} job(s): the exported bundle is the one that was registered")
expect(digests[0] == digests[1], f"sha256 {digests[0][:16]}… and {digests[1][:16]}…")
finish()
