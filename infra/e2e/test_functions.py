"""The environment of each deployed function is exactly what its binary reads."""

import json
import os
import shutil
import subprocess
import threading

import pytest
from servers import Handler, serve
from shop import HTTP

# A library that is loaded before the C library, and writes down each variable that a process reads.
LISTENER = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

char *getenv(const char *name) {
    static char *(*real)(const char *);
    if (!real) real = (char *(*)(const char *))dlsym(RTLD_NEXT, "getenv");
    const char *path = real("LISTENER_FILE");
    int file = path ? open(path, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;
    if (file >= 0) {
        if (write(file, name, strlen(name)) < 0 || write(file, "\\n", 1) < 0) {}
        close(file);
    }
    return real(name);
}
"""

# The variables that a binary can do without.
OPTIONAL = {"STAGE", "VERSION", "SENTRY_DSN", "SENTRY_CAPTURE_SUCCESS", "AUTH_MODE", "JWT_PUBLIC_KEYS_PARAMETER"}
OPTIONAL |= {"AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH"}


@pytest.fixture(scope="session")
def listener(tmp_path_factory):
    folder = tmp_path_factory.mktemp("listener")
    folder.joinpath("listener.c").write_text(LISTENER)
    compiler = shutil.which("cc") or "gcc"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", "listener.so", "listener.c", "-ldl"], cwd=folder, check=True)
    return folder / "listener.so"


REQUEST = {
    "resource": "/{proxy+}",
    "path": "/",
    "httpMethod": "GET",
    "headers": {},
    "multiValueHeaders": {},
    "queryStringParameters": None,
    "multiValueQueryStringParameters": None,
    "pathParameters": None,
    "stageVariables": None,
    "requestContext": {"stage": "local", "httpMethod": "GET", "path": "/local/", "requestId": "r", "identity": {}},
    "body": None,
    "isBase64Encoded": False,
}


class Runtime:
    """A Runtime API with these events and no more. A function that asks once more has started, and has handled them."""

    def __init__(self, events):
        self.asked = threading.Event()
        events, asked, ended = list(events), self.asked, threading.Event()

        class Api(Handler):
            def do_GET(self):
                if not events:
                    asked.set()
                    ended.wait(30)
                    return
                facts = [("Aws-Request-Id", "r"), ("Deadline-Ms", "4000000000000"), ("Invoked-Function-Arn", "arn")]
                headers = [(f"Lambda-Runtime-{name}", value) for name, value in facts]
                self.answer(200, json.dumps(events.pop()).encode(), headers)

            def do_POST(self):
                self.body()
                self.answer(202)

        self.ended = ended
        self.server = serve(Api)
        self.address = f"127.0.0.1:{self.server.server_port}"

    def close(self):
        self.ended.set()
        self.server.shutdown()


def starts(function, variables, cloud, **more):
    """True if the function asks for its first event in this environment. Otherwise the function's output."""
    runtime = Runtime([REQUEST] if function in HTTP else [])
    environment = variables | {
        "AWS_LAMBDA_RUNTIME_API": runtime.address,
        "AWS_LAMBDA_FUNCTION_NAME": f"acme-local-{function}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": cloud.aws["endpoint_url"],
    }
    binary = os.path.join(os.environ["ARTIFACTS"], function, "bootstrap")
    process = subprocess.Popen([binary], env=environment | more, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        for _ in range(1500):
            if runtime.asked.wait(0.02):
                return True
            if process.poll() is not None:
                return process.stdout.read()
        return "it neither starts nor ends"
    finally:
        runtime.close()
        process.kill()
        process.wait()
        process.stdout.close()


def test_its_environment_is_what_its_binary_reads(cloud, function, listener, tmp_path):
    configuration = cloud.functions.get_function_configuration(FunctionName=f"acme-local-{function}")
    variables = configuration["Environment"]["Variables"]
    heard = tmp_path / "heard"
    assert starts(function, variables, cloud, LD_PRELOAD=str(listener), LISTENER_FILE=str(heard)) is True
    read = set(heard.read_text().split())
    assert set(variables) <= read, "the template gives what nobody reads"
    for name in sorted(set(variables) - OPTIONAL):
        if name.endswith("_QUEUE_URLS"):
            continue  # its absence is noticed only when a message is sent to it
        said = starts(function, {key: value for key, value in variables.items() if key != name}, cloud)
        assert said is not True and f"{name}: expected" in said, name
