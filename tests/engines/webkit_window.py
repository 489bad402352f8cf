"""A window of WebKitGTK for its driver, as narrow as a phone: its own demonstration browser is never under 447 pixels.

Runs in Debian's Python, which has GTK. A driven page ignores `print()`: a message to the handler `print` prints it to
the file PRINTED, without the usual window that asks.
"""

import os
from pathlib import Path

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402 - the versions are chosen above

WIDTH, HEIGHT = 360, 740
PRINTED = os.environ["PRINTED"]


def begin(_, session):
    """Give the driver the view."""
    application = WebKit2.ApplicationInfo()
    application.set_name("window")
    session.set_application_info(application)
    session.connect("create-web-view", lambda _: view)


def print_to_file(*_):
    """Print the page on A4."""
    paper, settings, operation = Gtk.PageSetup(), Gtk.PrintSettings(), WebKit2.PrintOperation.new(view)
    paper.set_paper_size(Gtk.PaperSize.new(Gtk.PAPER_NAME_A4))
    settings.set_printer("Print to File")
    settings.set(Gtk.PRINT_SETTINGS_OUTPUT_FILE_FORMAT, "pdf")
    settings.set(Gtk.PRINT_SETTINGS_OUTPUT_URI, f"file://{PRINTED}.part")
    operation.set_page_setup(paper)
    operation.set_print_settings(settings)
    operation.connect("failed", print)
    operation.connect("finished", lambda _: Path(f"{PRINTED}.part").rename(PRINTED))
    operation.print_()


context = WebKit2.WebContext.new_ephemeral()
context.set_automation_allowed(True)
context.connect("automation-started", begin)
messages = WebKit2.UserContentManager()
messages.connect("script-message-received::print", print_to_file)
messages.register_script_message_handler("print")
view = WebKit2.WebView(web_context=context, user_content_manager=messages, is_controlled_by_automation=True)
view.connect("close", Gtk.main_quit)
window = Gtk.Window(default_width=WIDTH, default_height=HEIGHT)
window.add(view)
window.show_all()
Gtk.main()
