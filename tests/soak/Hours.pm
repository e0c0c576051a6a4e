# Hour after hour passes, and in each tollgate-meter runs some times: disturbed at first, then until all of it is billed.
package Hours;
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use List::Util qw(shuffle);
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);
use Session;
use Soak;
use Visitors;

use constant HOUR => 3600;

# What BatchMeterUsage can meet without anything being refused for good. Not html503, which has the real time and not the
# sandbox's.
my @faults = qw(lost lost reset cut drop slow unprocessed partial shuffled ThrottlingException
    InternalServiceErrorException ServiceUnavailable);

# new(SOAK, NOW): from that time on, for the ledger and at AWS
sub new {
    my ($class, $soak, $now) = @_;
    my $self = bless { soak => $soak, stack => $soak->{stack}, now => $now }, $class;
    $self->{ledger} = Session->new('tollgate');
    $self->{sandbox} = Session->new('tollgate_sandbox');
    $self->{visitor} = Visitors->new($soak);
    $self->pass(0);
    return $self;
}

# sure(WHAT, CODE): does it again as long as PostgreSQL is away, and once where a session has not noticed that it was
sub sure {
    my ($self, $what, $code) = @_;
    for my $try (1 .. 120) {
        my $from = time;
        my $result = eval { [$code->()] };
        return $result->[0] if $result;
        my $why = $@;
        die "$what: $why" unless $self->{soak}->was_away($from, time) || $try == 1 && $why =~ /FATAL/;
        sleep 0.5 if $try > 1;
        eval { $_->connect } for $self->sessions;
    }
    die "$what: PostgreSQL does not come back\n";
}

sub sessions { @{$_[0]}{qw(ledger sandbox)} }

sub pass {
    my ($self, $seconds) = @_;
    my $to = $self->{now} + $seconds;
    # A call that is refused for its time is signed anew, once: it is not to meet a second jump.
    sleep 0.1 while time < ($self->{passed} // 0) + 1;
    $self->sure('the clock', sub { $self->{stack}->set_clock($self->{ledger}, $to) });
    @$self{qw(now passed)} = ($to, time);
    $self->{soak}->set_ahead($self->{stack}{ahead});
    $self->{soak}->note(hour => $to) if $seconds;
}

# ended(HOW, FROM, CODE, ALLOWED…): notes how a run ended. Where PostgreSQL was away something may be left; and 78, since the
# sandbox's time is in there too: without it, it tells the real one.
sub ended {
    my ($self, $how, $from, $code, @allowed) = @_;
    push @allowed, 75, 78 if $self->{soak}->was_away($from, time);
    $self->{soak}->note(run => $how, $code);
    $self->{soak}->wrong("a run of the meter ($how) ended with $code: " . $self->{stack}->tail('meter.log', 8))
        unless grep { $_ == $code } @allowed;
    return $code;
}

sub run {
    my ($self, $how, $allowed, @options) = @_;
    my $from = time;
    return $self->ended($how, $from, $self->{stack}->run('tollgate', {}, @options), @$allowed);
}

sub fault {
    my ($self, $fault, $count, $delay_ms) = @_;
    $self->{visitor}->control(faults => { Action => 'BatchMeterUsage', Fault => $fault, Count => $count, DelayMs => $delay_ms });
}

# ---- what happens in an hour ----

sub undisturbed { $_[0]->run('undisturbed', [0, 75]) }

sub spoiled {
    my ($self) = @_;
    $self->fault(Soak::any(@faults), Soak::any(1, 1, 2, 4), int rand 200) for 1 .. Soak::any(1, 1, 2);
    $self->run('with faults', [0, 75]);
}

# What holds the meter's lock, or is on its way to.
sub is_locked {
    my ($self) = @_;
    return $self->sure('locks', sub { $self->{ledger}->ask("SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE locktype = 'advisory' AND granted AND usename = 'tollgate_meter'") });
}

sub killed {
    my ($self) = @_;
    my $from = time;
    my $pid = $self->{stack}->start('tollgate', {});
    sleep rand 0.4;
    kill KILL => $pid;
    $self->ended('killed', $from, $self->{stack}->end($pid), 0, 75, 137);
    # What it had asked for goes on until the server finds out, a second later.
    my $until = time + 10;
    sleep 0.05 while $self->is_locked && time < $until;
}

# Two at once: as long as the first one runs, the second one ends with 73. There is an hour to bill, which takes the first one
# some time.
sub overlapping {
    my ($self) = @_;
    $self->pass(HOUR);
    my $from = time;
    $self->fault('slow', 2, 3000);
    my $first = $self->{stack}->start('tollgate', {});
    my $until = time + 10;
    sleep 0.05 until $self->is_locked || time > $until;
    my $code = $self->{stack}->run('tollgate', {});
    my $ended = waitpid $first, WNOHANG;
    $self->ended('second of two', $from, $code, $ended ? (0, 75) : (), 73);
    $self->ended('first of two', $from, $ended ? $? >> 8 : $self->{stack}->end($first), 0, 75);
}

# Somebody comes, uses something and leaves: their last call goes out in the hour of their end.
sub leaver {
    my ($self) = @_;
    my $who = $self->{visitor}->land('prod-legacy') or return;
    my $hash = sha256_hex($who->{RegistrationToken});
    my $id;
    for (1 .. 300) {
        last if $id = $self->sure('a leaver', sub { $self->{ledger}->ask("SELECT customer_id FROM tollgate.registration
            WHERE token_sha256 = '\\x$hash' AND customer_id IS NOT NULL LIMIT 1") });
        sleep 0.1;
    }
    return $self->{soak}->wrong('a buyer who has just registered is not in the database') unless $id;
    my $usage = sprintf "($id, 'users', %.2f, to_timestamp(%.3f))", 1 + rand 9, $self->{soak}->now - rand 600;
    $self->sure('a leaver', sub { $self->{ledger}->ask("BEGIN;
        INSERT INTO life.customer VALUES ($id, false) ON CONFLICT DO NOTHING;
        INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES $usage;
        INSERT INTO life.used (customer_id, dimension, quantity, used_at) VALUES $usage; COMMIT") });
    $self->{visitor}->control('subscriptions/end' => { CustomerAWSAccountId => $who->{CustomerAWSAccountId},
        ProductCode => 'prod-legacy' });
    $self->bill('last call', '--final', $id);
}

# Until all of it is billed.
sub bill {
    my ($self, $how, @options) = @_;
    $self->sure('faults', sub { $self->{sandbox}->ask("DELETE FROM sandbox.fault WHERE action = 'BatchMeterUsage'") });
    for (my $tries = 0; $tries < 20;) {
        my $from = time;
        return 1 if $self->run($how, [0, 75], @options) == 0;
        $tries++ unless $self->{soak}->was_away($from, time);
        sleep 0.5;
    }
    $self->{soak}->wrong("20 runs of the meter ($how) leave something");
    return 0;
}

my @doings = (\&undisturbed, (\&spoiled) x 3, \&killed, \&killed, \&overlapping, \&leaver);

sub hour {
    my ($self) = @_;
    $self->pass(HOUR * Soak::any((1) x 9, 3));
    for (1 .. 3) {
        return if $Soak::is_over;
        # Each of them comes as often as it is in the list.
        $self->{next} = [shuffle @doings] unless @{$self->{next} // []};
        (pop @{$self->{next}})->($self);
        sleep 0.5;
    }
    $self->bill('the rest');
}

# Nothing more happens but time.
sub finish {
    my ($self) = @_;
    for (1 .. 4) {
        $self->bill('at the end');
        $self->pass(20 * HOUR);
    }
    $self->bill('at the end');
}

1;
