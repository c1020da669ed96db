# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Servers under load: handfast proxy, nginx and hitch, configured to do the same work, and the backend behind all of them. Each is a
session of its own, so that all its processes are known, and what they use is read from outside: CPU time by their CPU clocks,
memory from /proc."""
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../support"))
from processes import free_port as port  # noqa: E402  pylint: disable=wrong-import-position

FILES = {"/small": 64, "/16k": 16384}
DESCRIPTORS = 65536


def program(name):
    """Servers often stand where only root's PATH looks."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin")


def version(name):
    said = subprocess.run([program(name), "-V" if name == "hitch" else "-v"], capture_output=True, text=True, check=False)
    return (said.stdout + said.stderr).strip().splitlines()[0].replace("nginx version: ", "").replace("nginx/", "nginx ")


def on(cpu=None, ahead=0):
    """What a child does before it is somebody: it goes to that CPU; ahead: before whatever else the machine does, and before those that
    are less ahead, if that is allowed."""
    def before_exec():
        if cpu is not None:
            os.sched_setaffinity(0, {cpu})
        if ahead:
            try:
                os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(ahead))
            except OSError:
                pass
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, max(DESCRIPTORS, hard)))
        except (OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return before_exec


class Server:
    """A started server. command: its words; what it says goes to a file in its folder."""

    def __init__(self, name, folder, command, at, where=None):
        self.name, self.port, self.folder = name, at, folder
        self.said = os.path.join(folder, "said")
        with open(self.said, "w", encoding="utf-8") as out:
            self.child = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                          start_new_session=True, preexec_fn=where or on())
        self.wait()

    def wait(self):
        for _ in range(3000):
            if self.child.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        with open(self.said, encoding="utf-8", errors="replace") as f:
            raise RuntimeError(f"{self.name} did not start: {f.read()[-2000:]}")

    def pids(self):
        found = []
        for word in os.listdir("/proc"):
            try:
                with open(f"/proc/{word}/stat", encoding="utf-8", errors="replace") as f:
                    if word.isdigit() and int(f.read().rpartition(")")[2].split()[3]) == self.child.pid:
                        found.append(int(word))
            except OSError:
                pass
        return found

    def cpu(self):
        """Seconds of CPU time that its processes have had. (A process has a clock of that: Linux makes its id so of the pid.)"""
        return sum(time.clock_gettime((~pid << 3) | 2) for pid in self.pids())

    def memory(self):
        """Bytes that are theirs alone, and their share of what several of them have."""
        private = share = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as f:
                sizes = {line.split(":")[0]: line.split()[1] for line in f if line.rstrip().endswith("kB")}
            private += 1024 * (int(sizes["Private_Clean"]) + int(sizes["Private_Dirty"]))
            share += 1024 * int(sizes["Pss"])
        return {"private": private, "pss": share}

    def resident(self):
        """Bytes, shared ones counted in each; asking costs the server nothing."""
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/statm", encoding="utf-8") as f:
                total += int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return total

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(3)
        except subprocess.TimeoutExpired:
            pass
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        self.child.wait()


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def new_folder(folder, name):
    made = os.path.join(folder, name)
    os.makedirs(made, exist_ok=True)
    return made


NGINX = """
daemon off; master_process on; worker_processes 1; pid nginx.pid; error_log error.log error; worker_rlimit_nofile %d;
%s
events { worker_connections 32768; }
http {
    access_log off; default_type text/plain; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f;
    uwsgi_temp_path u; scgi_temp_path s; keepalive_requests 1000000000; keepalive_timeout 600s;
%s
}
"""
USER = "user root;" if os.geteuid() == 0 else ""


def backend(folder, where=None):
    """What is behind all of them: small files over kept connections. What it uses is nobody's."""
    place = new_folder(folder, "backend")
    for path, size in FILES.items():
        write(place + path, "x" * size)
    at = port()
    write(os.path.join(place, "nginx.conf"), NGINX % (DESCRIPTORS, USER, f"""
    open_file_cache max=16; sendfile on;
    server {{ listen 127.0.0.1:{at} backlog=4096; root {place}; }}"""))
    return Server("backend", place, [program("nginx"), "-p", place, "-c", "nginx.conf"], at, where)


def nginx(folder, pki, behind, where=None, header="60s"):
    place, at = new_folder(folder, "nginx"), port()
    write(os.path.join(place, "nginx.conf"), NGINX % (DESCRIPTORS, USER, f"""
    client_header_timeout {header}; ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519; ssl_session_cache off; ssl_session_tickets on;
    upstream behind {{ server 127.0.0.1:{behind}; keepalive 64; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{at} ssl backlog=4096; server_name localhost;
        ssl_certificate {pki['chain']}; ssl_certificate_key {pki['key']};
        location / {{
            proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}"""))
    return Server("nginx", place, [program("nginx"), "-p", place, "-c", "nginx.conf"], at, where)


def hitch(folder, pki, behind, where=None):
    place, at = new_folder(folder, "hitch"), port()
    both = os.path.join(place, "both.pem")
    with open(both, "w", encoding="utf-8") as out:
        for part in ("key", "chain"):
            with open(pki[part], encoding="utf-8") as f:
                out.write(f.read())
    user = 'user = "nobody"\ngroup = "nogroup"\n' if os.geteuid() == 0 else ""
    write(os.path.join(place, "hitch.conf"), f"""frontend = "[127.0.0.1]:{at}"
backend = "[127.0.0.1]:{behind}"
pem-file = "{both}"
workers = 1
backlog = 4096
daemon = off
ecdh-curve = "X25519"
tls-protos = TLSv1.2 TLSv1.3
log-level = 0
ocsp-dir = ""
{user}""")
    return Server("hitch", place, [program("hitch"), "--config=hitch.conf"], at, where)


def handfast(folder, pki, behind, where=None, mode="http", tool=None, more=""):
    place, at = new_folder(folder, f"handfast-{mode}"), port()
    write(os.path.join(place, "proxy.yaml"), f"""listen: ["127.0.0.1:{at}"]
workers: 1
log_requests: false
{more}sites:
  - names: [localhost]
    certificates: [{{chain: "{pki['chain']}", key: "{pki['key']}"}}]
    backend: "127.0.0.1:{behind}"
    mode: {mode}
""")
    return Server(f"handfast {mode}", place, [tool or os.environ["HANDFAST_BIN"], "proxy", "run", "proxy.yaml"], at, where)


def certificates(folder, tool):
    """An ECDSA P-256 leaf for localhost under a CA of its own; the leaf alone is sent."""
    for words in (["ca", "--out", f"{folder}/ca"], ["leaf", "--ca", f"{folder}/ca", "--out", f"{folder}/leaf", "localhost"]):
        done = subprocess.run([tool, "cert", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{tool} cert {' '.join(words)}: {done.stderr}")
    return {"chain": f"{folder}/leaf/leaf.pem", "key": f"{folder}/leaf/leaf.key"}
