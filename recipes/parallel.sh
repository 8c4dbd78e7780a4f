#!/bin/sh
# Searches a scenario in several shards at the same time, and joins what they have found.
#
#   recipes/parallel.sh FOLDER PARTS FILE [OPTIONS OF lockbreak explore]
#
# GNU parallel does the parts, as many at a time as there are cores; on other machines, too, if PARALLEL says so and they share this
# directory and FOLDER: PARALLEL='--sshlogin :,big1,big2 --workdir .'. Where there is no GNU parallel, xargs does them here. Each part
# writes its checkpoints to FOLDER: started again, the search resumes from there. LOCKBREAK is the command to be used (lockbreak).
set -eu

folder=$1 parts=$2
shift 2
: "${LOCKBREAK:=lockbreak}"
mkdir -p "$folder"

# What one part does: $1 is its number. Exit codes 1 (something was found) and 3 (a bound was reached) are results.
cat > "$folder/part.sh" <<'PART'
#!/bin/sh
folder=$1 parts=$2 part=$3 lockbreak=$4
shift 4
$lockbreak explore "$@" --shard "$part/$parts" --state "$folder/$part.state" --json > "$folder/$part.tmp"
code=$?
case $code in
  0 | 1 | 3) mv "$folder/$part.tmp" "$folder/$part.json" ;;
  *) exit $code ;;
esac
PART

if command -v parallel > /dev/null 2>&1; then
  echo "$parts parts, by GNU parallel" >&2
  seq "$parts" | parallel -q --halt soon,fail=1 --joblog "$folder/jobs.log" sh "$folder/part.sh" "$folder" "$parts" '{}' "$LOCKBREAK" "$@"
else
  echo "$parts parts, by xargs" >&2
  seq "$parts" | xargs -P "$(getconf _NPROCESSORS_ONLN)" -I '{}' sh "$folder/part.sh" "$folder" "$parts" '{}' "$LOCKBREAK" "$@"
fi

cd "$folder"
exec $LOCKBREAK merge $(seq -f '%.0f.json' "$parts")
