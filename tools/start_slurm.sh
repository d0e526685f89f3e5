#!/usr/bin/env bash
# Start a Slurm of one node on this machine, for trying `tenken run --cluster slurm.yaml`.
#
#     tools/start_slurm.sh FOLDER        prints the SLURM_CONF to export
#     tools/start_slurm.sh FOLDER stop
#
# Needs Debian's slurm-wlm and munge, and root. Everything is kept in FOLDER; the daemons listen on
# loopback and are ended by their ids.
set -euo pipefail
folder=$(realpath -m "${1:?usage: start_slurm.sh FOLDER [stop]}")
if [ "${2:-}" = stop ]; then
    for daemon in slurmd slurmctld munged; do
        if [ -f "$folder/$daemon.pid" ]; then
            kill "$(cat "$folder/$daemon.pid")" 2>/dev/null || true
        fi
    done
    exit 0
fi
mkdir -p "$folder/state" "$folder/spool" "$folder/munge"
chmod 755 "$folder/munge"
host=$(hostname -s)
cores=$(nproc)
memory=$(awk '/MemTotal/ {print int($2 / 1024 * 0.9)}' /proc/meminfo)
if [ ! -f "$folder/munge.key" ]; then
    (umask 077 && head -c 1024 /dev/urandom > "$folder/munge.key")
fi
cat > "$folder/slurm.conf" <<CONF
ClusterName=tenken
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$folder/munge/socket
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
SlurmdSpoolDir=$folder/spool
StateSaveLocation=$folder/state
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdTimeout=60
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cores RealMemory=$memory State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then version=2; else version=1; fi
echo "CgroupPlugin=cgroup/v$version" > "$folder/cgroup.conf"
munged --force --key-file "$folder/munge.key" --socket "$folder/munge/socket" \
    --pid-file "$folder/munged.pid" --log-file "$folder/munged.log" \
    --seed-file "$folder/munge.seed" 2>> "$folder/start.log"
export SLURM_CONF="$folder/slurm.conf"
slurmctld -f "$SLURM_CONF" 2>> "$folder/start.log"
slurmd -f "$SLURM_CONF" 2>> "$folder/start.log"
for _ in $(seq 60); do
    if sinfo --noheader --format %t 2>/dev/null | grep -q idle; then
        echo "export SLURM_CONF=$SLURM_CONF"
        exit 0
    fi
    sleep 0.5
done
echo "Slurm did not come up; see $folder/*.log" >&2
exit 1
