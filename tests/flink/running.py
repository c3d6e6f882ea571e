"""weir run as a job that is looked at, so that nobody has to guess how long it takes until it has read its rows."""

import re
import subprocess
import time
import urllib.request


class Running:
    """`weir run OPTION... SCRIPT`; `ended`: it is over, or has been refused."""

    def __init__(self, weir, *words):
        self.job = subprocess.Popen([weir, "run", "--rest", "0", *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.said, self.place = "", None
        while not self.place:
            line = self.job.stderr.readline()
            if not line:
                break
            self.said += line
            found = re.search(r"answers at (\S+)", line)
            self.place = found and found[1]

    @property
    def ended(self):
        return not self.place or self.job.poll() is not None

    def metric(self, name):
        """The sum over all that have it; None: it does not answer."""
        try:
            with urllib.request.urlopen(f"{self.place}/metrics", timeout=30) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return None
        return sum(float(line.split()[-1]) for line in lines if line.startswith(f"flink_{name}{{"))

    def has_read(self, rows, seconds=20):
        """Waits until so many rows have been read, and no more of them come: tables may be read twice, or be in no plan."""
        end, before, since = time.time() + seconds, None, time.time()
        while not self.ended and time.time() < end:
            now = self.metric("taskmanager_job_task_numRecordsIn")
            if now != before:
                before, since = now, time.time()
            elif now is not None and time.time() - since > (0.3 if now >= rows else 2):
                return
            time.sleep(0.03)

    def has_checkpoints(self, more, seconds=60):
        """Waits for so many checkpoints more."""
        end, wanted = time.time() + seconds, None
        while not self.ended and time.time() < end:
            now = self.metric("jobmanager_job_numberOfCompletedCheckpoints")
            if now is not None and wanted is None:
                wanted = now + more
            if now is not None and now >= wanted:
                return
            time.sleep(0.03)

    def end(self, signal):
        """The exit status, and what it has said."""
        if not self.ended:
            self.job.send_signal(signal)
        _, said = self.job.communicate(timeout=120)
        return self.job.returncode, self.said + said
