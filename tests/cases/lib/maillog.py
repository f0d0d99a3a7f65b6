"""Lines of Dovecot and Postfix as a syslog daemon writes them."""
from datetime import timedelta

from clock import iso_local, rfc3164
from hospital import DOMAIN


class MailServer:
    """One machine's mail log. `style`: rfc3164 (no year, no zone, Paris clock) or iso."""

    def __init__(self, make, host, style="rfc3164", lan="10.20.0.25"):
        self.make = make
        self.host = host
        self.style = style
        self.lan = lan
        self.users = set()  # addresses delivered here; all others leave by SMTP
        self.lines = []  # (instant, order, program, text)

    def line(self, when, program, text, pid=None):
        tag = f"{program}[{pid}]" if pid else program
        self.lines.append((when, len(self.lines), tag, text))

    def text(self, style=None):
        style = style or self.style
        rows = []
        for order, (when, _, tag, text) in enumerate(sorted(self.lines, key=lambda l: (l[0], l[1]))):
            stamp = rfc3164(when) if style == "rfc3164" else iso_local(when, (order * 7919) % 1000000)
            rows.append(f"{stamp} {self.host} {tag}: {text}\n")
        return "".join(rows)

    def pid(self):
        return self.make.between(1200, 32000)

    # Dovecot

    def dovecot_ok(self, when, user, rip, minutes=10, service="imap", out=None, read=0, method="PLAIN"):
        """Login and end of session; `out` is what the client downloaded, `read` how many bodies."""
        session, pid = self.make.token(16), self.pid()
        self.line(when, "dovecot", f"{service}-login: Login: user=<{user}>, method={method}, rip={rip}, lip={self.lan}, mpid={pid}, TLS, session=<{session}>")
        end = when + timedelta(minutes=minutes)
        if service == "managesieve":
            self.line(end, "dovecot", f"managesieve({user})<{pid}><{session}>: Disconnected: Logged out bytes=412/1830")
        else:
            sent = out if out is not None else self.make.between(900, 45000)
            self.line(end, "dovecot", f"{service}({user})<{pid}><{session}>: Disconnected: Logged out in={self.make.between(200, 3000)} out={sent} deleted=0 "
                      f"expunged=0 trashed=0 hdr_count={read} hdr_bytes={read * 410} body_count={read} body_bytes={max(0, sent - 800) if read else 0}")
        return session

    def dovecot_failure(self, when, user, rip, attempts=1, service="imap", seconds=6):
        session = self.make.token(16)
        self.line(when, "dovecot", f"{service}-login: Disconnected: Connection closed (auth failed, {attempts} attempts in {seconds} secs): user=<{user}>, "
                  f"method=PLAIN, rip={rip}, lip={self.lan}, TLS, session=<{session}>")

    def sieve(self, when, user, *texts):
        """What the filter of `user` did with one message, one line each."""
        head = f"lmtp({user})<{self.pid()}><{self.make.token(22)}>: sieve:"
        for text in texts:
            self.line(when, "dovecot", f"{head} {text}")

    # Postfix

    def queue_id(self):
        """A long queue id: time in base 52 (no vowels), "z", inode."""
        letters = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxy"
        return "4f" + "".join(self.make.pick(letters) for _ in range(8)) + "z" + "".join(self.make.pick(letters) for _ in range(4))

    def message_id(self, domain=DOMAIN):
        return f"<{self.make.between(10**9, 10**10 - 1)}.{self.make.token(10)}@{domain}>"

    def _relay(self, when, queue, recipient, local, status="sent", reason=None, outside=None):
        delay = f"{self.make.between(1, 40) / 10}"
        if local:
            self.line(when, "postfix/lmtp", f"{queue}: to=<{recipient}>, relay={self.host}.{DOMAIN}[private/dovecot-lmtp], delay={delay}, delays=0.1/0.01/0.02/0.1, "
                      f"dsn=2.0.0, status=sent (250 2.0.0 <{recipient}> {self.make.token(22)} Saved)", self.pid())
        else:
            domain = recipient.rsplit("@", 1)[1]
            dsn = {"sent": "2.0.0", "bounced": "5.1.1", "deferred": "4.7.1"}[status]
            said = reason or {"sent": f"250 2.0.0 Ok: queued as {self.make.token(10).upper()}",
                              "bounced": f"host mx.{domain}[198.51.100.5] said: 550 5.1.1 <{recipient}>: Recipient address rejected: User unknown (in reply to RCPT TO command)",
                              "deferred": f"host mx.{domain}[198.51.100.5] said: 450 4.7.1 Try again later (in reply to RCPT TO command)"}[status]
            relay = outside or f"mx.{domain}[198.51.100.5]:25"
            self.line(when, "postfix/smtp", f"{queue}: to=<{recipient}>, relay={relay}, delay={delay}, delays=0.1/0/0.5/0.6, dsn={dsn}, status={status} ({said})", self.pid())

    def submission(self, when, user, ip, recipients, sender=None, message_id=None, size=None, host="unknown", statuses=None, service="submission/smtpd"):
        """A mail handed in by an authenticated user, down to its removal from the queue. Returns (queue id, message id)."""
        queue, mid, pid = self.queue_id(), message_id or self.message_id(), self.pid()
        second = timedelta(seconds=1)
        self.line(when, f"postfix/{service}", f"connect from {host}[{ip}]", pid)
        self.line(when + second, f"postfix/{service}", f"{queue}: client={host}[{ip}], sasl_method=PLAIN, sasl_username={user}", pid)
        self._rest(when + second, queue, sender or user, mid, recipients, size, statuses)
        self.line(when + second * 2, f"postfix/{service}", f"disconnect from {host}[{ip}] ehlo=2 starttls=1 auth=1 mail=1 rcpt={len(recipients)} data=1 quit=1 "
                  f"commands={7 + len(recipients)}", pid)
        return queue, mid

    def relayed(self, when, sender, recipients, message_id, host="mail-fr.protection.outlook.example", ip="192.0.2.200", size=None, statuses=None, outside=None):
        """A mail from another server, not authenticated."""
        queue, pid = self.queue_id(), self.pid()
        self.line(when, "postfix/smtpd", f"connect from {host}[{ip}]", pid)
        self.line(when, "postfix/smtpd", f"{queue}: client={host}[{ip}]", pid)
        self._rest(when, queue, sender, message_id, recipients, size, statuses, outside)
        self.line(when + timedelta(seconds=1), "postfix/smtpd", f"disconnect from {host}[{ip}] ehlo=1 mail=1 rcpt={len(recipients)} data=1 quit=1 commands={4 + len(recipients)}", pid)
        return queue

    def _rest(self, when, queue, sender, mid, recipients, size, statuses, outside=None):
        second = timedelta(seconds=1)
        self.line(when, "postfix/cleanup", f"{queue}: message-id={mid}", self.pid())
        self.line(when, "postfix/qmgr", f"{queue}: from=<{sender}>, size={size or self.make.between(1500, 80000)}, nrcpt={len(recipients)} (queue active)", 1187)
        done = when
        for k, recipient in enumerate(recipients):
            done = when + second * (1 + k // 12)
            self._relay(done, queue, recipient, recipient in self.users, (statuses or {}).get(recipient, "sent"), outside=outside)
        self.line(done + second, "postfix/qmgr", f"{queue}: removed", 1187)

    def sasl_failure(self, when, ip, user=None, service="submission/smtpd", mechanism="LOGIN"):
        told = f", sasl_username={user}" if user else ""
        self.line(when, f"postfix/{service}", f"warning: unknown[{ip}]: SASL {mechanism} authentication failed: UGFzc3dvcmQ6{told}", self.pid())
