# What the scripts that test `import` share; sourced first, with the program and the samples as arguments: a directory of
# their own that goes with them, and how answers are asked.
florin=$1
data=${2:-}
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

fail() { echo "FAILED: $*"; exit 1; }
expect() { [ "$1" = "$2" ] || fail "$3: wanted $1, got $2"; } # expect WANTED GOT WHAT
# field NAME FILE: the first number or text of that name; sum_of NAME FILE: all its numbers.
field() { grep -o "\"$1\":\"\{0,1\}[^,\"}]*" "$2" | head -1 | sed 's/.*:"\{0,1\}//'; }
sum_of() { grep -o "\"$1\":[0-9]*" "$2" | awk -F: '{s += $2} END {print s + 0}'; }
