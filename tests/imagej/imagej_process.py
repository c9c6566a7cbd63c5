"""Real ImageJ with the plugin: once for a macro, or kept and driven by the harness."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus

from java_tools import IJ_JAR

if TYPE_CHECKING:
    from pathlib import Path

    from java_tools import Java

HEAP = "-Xmx700m"


class Installation:
    """An ImageJ folder with the plugin in it, and a home with the preferences.

    Attributes
    ----------
    folder
        What ``-ijpath`` gets; its ``plugins`` holds the jar.
    home
        Home of the user; its ``.imagej/IJ_Prefs.txt`` holds the preferences.
    """

    def __init__(self, folder: Path, jar: Path, display: str) -> None:
        self.folder, self.home = folder / "ImageJ", folder / "home"
        (self.folder / "plugins").mkdir(parents=True)
        (self.home / ".imagej").mkdir(parents=True)
        shutil.copy(jar, self.folder / "plugins")
        self._environment = {**os.environ, "DISPLAY": display, "LC_ALL": "C.UTF-8"}

    def prefer(self, **values: object) -> None:
        """Write preferences as ImageJ keeps them; ``server="x"`` is ``cellwire.server``."""
        lines = [f".cellwire.{name}={value}\n" for name, value in values.items()]
        (self.home / ".imagej" / "IJ_Prefs.txt").write_text("".join(lines))

    def command(self, java: Java, *more: str) -> list[str]:
        options = [HEAP, "-XX:+UseSerialGC", f"-Duser.home={self.home}"]
        return [java.program, *options, *more]

    def run_batch(self, java: Java, macro: Path, argument: str = "", seconds: float = 300) -> Ended:
        """Run a macro file as ``ImageJ -batch`` does, to the end of the process."""
        command = self.command(java, "-cp", str(IJ_JAR), "ij.ImageJ", "-ijpath", str(self.folder))
        done = subprocess.run(
            [*command, "-batch", str(macro), argument],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def open_window(self, java: Java, classes: Path) -> ImageJ:
        """Start ImageJ with its window, driven by the harness."""
        path = os.pathsep.join([str(IJ_JAR), str(classes)])
        command = self.command(java, f"-Dplugins.dir={self.folder}", "-cp", path, "Harness")
        return ImageJ(command, self._environment)


class Ended:
    """How a batch run ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    def __repr__(self) -> str:
        return f"exit code {self.code}\n{self.out[-4000:]}\n{self.err[-4000:]}"


class JavaProcessError(Exception):
    """What the program could not do."""


class JavaProcess:
    """A Java program that is told by lines what to do and answers each with a line."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._answers: queue.Queue[str] = queue.Queue()
        self.noise: list[str] = []
        for stream, take in (
            (self._process.stdout, self._answers.put),
            (self._process.stderr, self.noise.append),
        ):
            threading.Thread(target=_read, args=(stream, take), daemon=True).start()
        self._asked = 0
        self.version = self._answer(120)

    def close(self) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(20)
        finally:
            self._process.kill()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, *words: object, seconds: float = 60) -> str:
        """Give a command and its arguments; wait for the answer."""
        self._asked += 1
        line = "\t".join(quote(str(word), safe="") for word in (self._asked, *words))
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._answer(seconds)

    def _answer(self, seconds: float) -> str:
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise JavaProcessError(
                f"no answer in {seconds} s\n{''.join(self.noise[-30:])}"
            ) from None
        status, _, rest = line.rstrip("\n").partition("\t")
        number, _, text = rest.partition("\t")
        if number and int(number) < self._asked:  # of a question that was given up
            return self._answer(seconds)
        if status != "=ok":
            raise JavaProcessError(unquote_plus(text) or "".join(self.noise[-30:]))
        return unquote_plus(text)


class ImageJ(JavaProcess):
    """An ImageJ with a window; its commands are in ``java/Harness.java``."""

    def macro(self, text: str, seconds: float = 120) -> str:
        """Run a macro to its end and give what it returns; nothing if it was aborted."""
        return self.ask("macro", text, int(seconds), seconds=seconds + 10)

    def fields(self, seconds: float = 30) -> list[tuple[str, str]]:
        """What the dialog on top shows, as (kind, words)."""
        lines = self.ask("dialog", seconds, seconds=seconds + 10).splitlines()
        return [(kind, words) for kind, _, words in (line.partition("\t") for line in lines)]

    def words(self, seconds: float = 30) -> str:
        """All words of the dialog on top."""
        return "\n".join(words for _, words in self.fields(seconds))


def _read(stream: object, take: object) -> None:
    for line in stream:
        take(line)
    take("=ended\t")
