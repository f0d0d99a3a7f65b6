#!/usr/bin/env python3
"""Writes the cases into a folder: generate.py OUTDIR [NAME...]. Cases without make.py are copied as they stand."""
import importlib.util
import shutil
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "lib"))


def names():
    return sorted(p.parent.name for p in HERE.glob("*/make.py")) + sorted(
        p.parent.name for p in HERE.glob("*/expected.json") if not (p.parent / "make.py").exists())


def generate(name, out):
    """Writes one case to out/NAME and returns that folder."""
    source, target = HERE / name, Path(out) / name
    if (source / "make.py").exists():
        spec = importlib.util.spec_from_file_location(f"case_{name}", source / "make.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.make(name).write(target)
    else:
        shutil.copytree(source, target, dirs_exist_ok=True)
    return target


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for name in sys.argv[2:] or names():
        print(generate(name, sys.argv[1]))


if __name__ == "__main__":
    main()
