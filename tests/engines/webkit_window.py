"""A window of WebKitGTK for its driver, as narrow as a phone: its own demonstration browser is never under 447 pixels.

Runs in Debian's Python, which has GTK. What its driver cannot do, messages of the page to handlers can.
"""

from pathlib import Path

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402 - the versions are chosen above

WIDTH, HEIGHT = 360, 740


def begin(_, session):
    """Give the driver the view."""
    application = WebKit2.ApplicationInfo()
    application.set_name("window")
    session.set_application_info(application)
    session.connect("create-web-view", lambda _: view)


def begin_with(_, told):
    """Run a script before those of each page to come."""
    where, when = WebKit2.UserContentInjectedFrames.TOP_FRAME, WebKit2.UserScriptInjectionTime.START
    messages.add_script(WebKit2.UserScript.new(told.get_js_value().to_string(), where, when, None, None))


def darken(*_):
    """Prefer dark colours."""
    Gtk.Settings.get_default().props.gtk_application_prefer_dark_theme = True


def size_text(_, told):
    """Set the browser's own text size."""
    view.get_settings().set_default_font_size(int(told.get_js_value().to_double()))


def print_to_file(_, told):
    """Print the page on A4 to the file of a name."""
    name = told.get_js_value().to_string()
    paper, settings, operation = Gtk.PageSetup(), Gtk.PrintSettings(), WebKit2.PrintOperation.new(view)
    paper.set_paper_size(Gtk.PaperSize.new(Gtk.PAPER_NAME_A4))
    settings.set_printer("Print to File")
    settings.set(Gtk.PRINT_SETTINGS_OUTPUT_FILE_FORMAT, "pdf")
    settings.set(Gtk.PRINT_SETTINGS_OUTPUT_URI, f"file://{name}.part")
    operation.set_page_setup(paper)
    operation.set_print_settings(settings)
    operation.connect("failed", print)
    operation.connect("finished", lambda _: Path(f"{name}.part").rename(name))
    operation.print_()


context = WebKit2.WebContext.new_ephemeral()
context.set_automation_allowed(True)
context.connect("automation-started", begin)
messages = WebKit2.UserContentManager()
for name, hear in {"begin": begin_with, "dark": darken, "size": size_text, "print": print_to_file}.items():
    messages.connect(f"script-message-received::{name}", hear)
    messages.register_script_message_handler(name)
view = WebKit2.WebView(web_context=context, user_content_manager=messages, is_controlled_by_automation=True)
view.connect("close", Gtk.main_quit)
window = Gtk.Window(default_width=WIDTH, default_height=HEIGHT)
window.add(view)
window.show_all()
Gtk.main()
