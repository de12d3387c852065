#!/usr/bin/env bash
# Makes docs/images/week.png: a week of the demo's Anna in Thunderbird, which subscribes to her feed as anybody would.
# Usage: docs/images/week.sh [WEEKS_AHEAD], after `make demo` has made .venv.
# On Debian it needs: apt-get install thunderbird xvfb xdotool imagemagick pngquant fonts-inter
set -euo pipefail
cd "$(dirname "$0")/../.."
weeks=${1:-0} width=1240 height=820
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$work"' EXIT
mkdir -p "$work/profile" "$work/.config/fontconfig"

.venv/bin/roosterbridge demo --port 0 --json >"$work/demo.json" &
until [ -s "$work/demo.json" ]; do sleep 1; done
address=$(.venv/bin/python -c '
import json, sys
print(next(feed["url"] for feed in json.load(sys.stdin)["feeds"] if feed["user"] == "anna"))' <"$work/demo.json")

cat >"$work/.config/fontconfig/fonts.conf" <<'END'
<fontconfig><alias><family>sans-serif</family><prefer><family>Inter</family></prefer></alias></fontconfig>
END
cat >"$work/profile/xulstore.json" <<END
{"chrome://messenger/content/messenger.xhtml":
  {"today-pane-panel": {"collapsedinmodes": "mail,calendar,task,chat,calendarEvent,calendarTask"},
   "messengerWindow": {"width": "$width", "height": "$height", "screenX": "0", "screenY": "0", "sizemode": "normal"}}}
END
feed='calendar.registry.00000000-0000-4000-8000-000000000001'
cat >"$work/profile/user.js" <<END
user_pref("$feed.name", "Anna");
user_pref("$feed.type", "ics");
user_pref("$feed.uri", "$address");
user_pref("$feed.color", "#3584e4");
user_pref("$feed.readOnly", true);
user_pref("$feed.suppressAlarms", true);
user_pref("$feed.calendar-main-in-composite", true);
user_pref("calendar.timezone.local", "Europe/Amsterdam");
user_pref("calendar.week.start", 1);
user_pref("calendar.view.visiblehours", 9);
user_pref("app.donation.eoy.version.viewed", 999);
user_pref("app.update.enabled", false);
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("mail.rights.version", 1);
user_pref("mail.shell.checkDefaultClient", false);
user_pref("mailnews.start_page.enabled", false);
user_pref("messenger.account_hub.first_run", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
END

export HOME=$work DISPLAY=:77 TZ=Europe/Amsterdam
Xvfb $DISPLAY -screen 0 ${width}x${height}x24 2>/dev/null &
sleep 1
thunderbird -profile "$work/profile" -no-remote -calendar 2>/dev/null &
sleep 20
xdotool mousemove $((width - 13)) 98 click 1 # closes the list of coming events
sleep 2
for _ in $(seq "$weeks"); do
  xdotool mousemove 462 97 click 1 # the next week
  sleep 2
done
xdotool mousemove $((width - 3)) $((height - 40))
sleep 1
import -window root "$work/week.png"
pngquant --force --strip --output docs/images/week.png 64 "$work/week.png"
