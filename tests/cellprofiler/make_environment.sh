#!/usr/bin/env bash
# Makes .venv-cellprofiler, a headless CellProfiler 4.2.8.1 (no windows, no MySQL), in the
# repository's root. Does nothing where it stands already.
#
#     tests/cellprofiler/make_environment.sh          # builds it, prints its folder
#     tests/cellprofiler/make_environment.sh --java   # prints the Java that it needs at run time
#
# CellProfiler 4 declares Python 3.8, which its packaged applications have, and 3.9: the first that
# runs is taken. On 3.11 its exact pins have no wheels; it runs there with newer packages, which pip
# cannot check.
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
place="$root/.venv-cellprofiler"
version=4.2.8.1

find_java() {
    if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; then echo "$JAVA_HOME"; return; fi
    local found
    for found in /usr/lib/jvm/java-17-* /usr/lib/jvm/*17* /usr/lib/jvm/java-11-* /usr/lib/jvm/*; do
        # javabridge compiles against the headers of a JDK, which a JRE lacks.
        if [ -x "$found/bin/java" ] && [ -f "$found/include/jni.h" ]; then echo "$found"; return; fi
    done
    if [ -x /usr/libexec/java_home ]; then /usr/libexec/java_home; return; fi
    echo "No Java development kit was found: install one (apt-get install openjdk-17-jdk-headless)" \
         "or set JAVA_HOME." >&2
    return 1
}

# A name on the PATH may be pyenv's, which refuses while that version is not the chosen one.
find_python() {
    local wanted candidate own
    for wanted in 3.8 3.9 3.11; do
        for candidate in "python$wanted" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$wanted".*/bin/python; do
            own="$("$candidate" -c 'import sys, venv, ensurepip; print(sys.executable)' \
                2>/dev/null)" || continue
            echo "$wanted $own"
            return
        done
    done
    echo "CellProfiler $version needs Python 3.8, 3.9 or 3.11, and none was found." >&2
    return 1
}

JAVA_HOME="$(find_java)"
export JAVA_HOME
if [ "${1:-}" = "--java" ]; then echo "$JAVA_HOME"; exit; fi
if [ -f "$place/installed" ] && [ "$(cat "$place/installed")" = "$version" ]; then
    echo "$place"
    exit
fi
chosen="$(find_python)"
read -r series python <<<"$chosen"
echo "Building $place with Python $series ($python) and Java in $JAVA_HOME ..." >&2
rm -rf "$place"
"$python" -m venv "$place"
printf 'numpy<2\ncython<3\nsetuptools<70\n' >"$place/build-constraints.txt"
pip() { "$place/bin/python" -m pip --quiet "$@" >&2; }
pip install --upgrade pip wheel 'setuptools<81'
own=(install --prefer-binary)
if [ "$series" != 3.8 ]; then own+=(--build-constraint "$place/build-constraints.txt"); fi
if [ "$series" = 3.11 ]; then
    pip "${own[@]}" 'numpy<2' 'scipy<1.11' 'scikit-image<0.22' 'matplotlib<3.8' 'contourpy<1.2' \
        'PyWavelets<1.5' h5py pyzmq psutil boto3 docutils prokaryote==2.4.4 deprecation future \
        centrosome==1.2.3 python-javabridge==4.0.5 python-bioformats==4.1.0 mahotas \
        'scikit-learn<1.4' 'inflect<7' Jinja2 joblib requests sentry-sdk==0.18.0 \
        'tifffile<2022.4.22' 'imageio>=2.5' six
    pip install --no-deps cellprofiler-core==$version
else
    pip "${own[@]}" cellprofiler-core==$version 'numpy<1.25' scipy==1.9.0 scikit-image==0.18.3 \
        'scikit-learn<1' 'tifffile<2022.4.22' 'h5py~=3.7.0' 'matplotlib<3.8' 'imageio>=2.5' \
        'inflect<7,>=2.1' Jinja2 joblib mahotas requests six sentry-sdk==0.18.0
fi
pip install --no-deps cellprofiler==$version
# What the plugin needs beside the host; CellProfiler imports pkg_resources, gone in setuptools 81.
pip install grpcio protobuf pytest 'setuptools<81'
"$place/bin/python" -m cellprofiler --version >&2
echo "$version" >"$place/installed"
echo "$place"
