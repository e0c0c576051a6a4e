#!/usr/bin/perl
# All of Tollgate under a mixed load for MINUTES (30): buyers and those who misbehave on the landing page, usage by SQL, runs
# of the meter hour after hour, while PostgreSQL, nginx and the handler are restarted and logs are rotated. Memory and
# descriptors level off, latency stays, nothing is lost, nothing is billed twice.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../life", "$FindBin::Bin/../soak";
use List::Util qw(max min);
use Test::More;
use Time::HiRes qw(sleep time);
use Session;
use Stack;
use Soak;
use Visitors;
use App;
use Hours;
use Watch;

require 'syscall.ph';
use constant {
    PR_SET_CHILD_SUBREAPER => 36, # <linux/prctl.h>
    BUYERS => 8, MISBEHAVING => 2, REGISTRATIONS_PER_SECOND => 20,
    CROWD => 60, # whose usage is reported
    SAMPLE_S => 5,
    FIRST_HOUR => 1801382400, # 2027-01-31 12:00 UTC, so that a month ends soon
};
# What may be left of noise between two medians, which are of dozens of samples each. Memory: the heap of some threads that
# were busy at once for the first time, and what malloc keeps at the top; 4 KiB a request would be fifty times that.
# Descriptors: one for each who may come at once, as the handler keeps as many connections to AWS as it once needed, and few for
# requests in hand.
use constant { NOISE => 1.05, SPARE_KIB => 1024, SPARE_FDS => BUYERS + MISBEHAVING + 3, SLOWER => 3 };

my $minutes = $ENV{MINUTES} // 30;
# Whose parent ends becomes our child, so that we hear how it ended: what dev/stack starts, above all.
syscall(&SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 or die "prctl: $!\n";
my $stack = Stack->new;
my $soak = Soak->new($stack);
my $run = "$stack->{tmp}/run";
my $begun = time;
END { $soak->kill_all if $soak }

# ---- what is done to the servers ----

sub is_ready { Visitors->new($soak)->{http}->get(Visitors::landing_url() . '/readyz')->{status} == 200 }

# until_true(SECONDS, CODE)
sub until_true {
    my ($seconds, $code) = @_;
    my $until = time + $seconds;
    until ($code->()) {
        return 0 if time > $until;
        sleep 0.1;
    }
    return 1;
}

my ($main, $crowd);
# It is over when buyers get in, one after another: the sandbox, too, has to find its database with each of its connections.
sub restart_database {
    $soak->away(PostgreSQL => sub {
        $stack->restart_database;
        until_true(60, \&is_ready) or $soak->wrong('not ready a minute after a restart of PostgreSQL');
        $crowd->land('prod-legacy') for 1 .. 3;
    });
    $main->connect;
}

my $watch = Watch->new($soak, $begun, $begun); # until the load has begun
my $rotated = 0;
sub rotate_logs {
    $rotated++;
    rename "$run/$_.log", "$run/$_.$rotated.log" or die "$_: $!" for qw(nginx-access nginx-error);
    kill USR1 => $watch->pid_of('nginx');
    until_true(20, sub { -e "$run/nginx-access.log" && !holds_rotated() }) or $soak->wrong('nginx holds on to a rotated log');
}
sub holds_rotated {
    my @files = map { readlink || '' } map { glob "/proc/$_/fd/*" } Watch::nginx_pids($watch->pid_of('nginx'));
    return scalar grep { /\.\d+\.log$/ } @files;
}

sub reload_nginx {
    my $master = $watch->pid_of('nginx');
    my %before = map { $_ => 1 } Watch::nginx_pids($master);
    kill HUP => $master;
    until_true(20, sub { grep { !$before{$_} } Watch::nginx_pids($master) }) or $soak->wrong('nginx does not reload');
}

my @handlers = $watch->pid_of('fcgi');
sub starts { scalar(() = Watch::slurp("$run/fcgi.log") =~ /event=started/g) }

# A new handler takes over the socket, then the old one is told to end.
sub replace_handler {
    my $old = $handlers[-1];
    my %env = map { /^([^=]+)=(.*)$/s ? ($1 => $2) : () } split /\0/, Watch::slurp("/proc/$old/environ");
    my $before = starts();
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        POSIX::setsid();
        chdir $run or die; # by which dev/stack knows it
        open STDIN, '<', '/dev/null';
        open STDERR, '>>', "$run/fcgi.log";
        open STDOUT, '>&', \*STDERR;
        %ENV = %env;
        exec "$stack->{bin}/tollgate-fcgi" or die "exec: $!";
    }
    push @handlers, $pid;
    until_true(30, sub { starts() > $before }) or die "the next handler does not start\n";
    open my $out, '>', "$run/fcgi.pid" or die;
    print $out "$pid\n";
    close $out;
    kill TERM => $old;
}

# ---- the load ----

diag("$minutes minutes");
$main = Session->new('tollgate');
$main->ask("\\i '$Stack::root/tests/life/life.sql'");
$main->ask('GRANT USAGE ON SCHEMA life TO tollgate_app; GRANT INSERT ON life.used TO tollgate_app');
my $hours = Hours->new($soak, FIRST_HOUR);
$crowd = Visitors->new($soak);
$crowd->land(Soak::any(qw(prod-legacy prod-license))) for 1 .. CROWD;
my @customers = split /\n/, $main->ask('INSERT INTO life.customer SELECT id, true FROM tollgate.customer RETURNING customer_id');
is(scalar @customers, CROWD, 'buyers have registered');
# Children would hold their pipes, so that these sessions could not end.
$_->leave for $main, $hours->sessions;

for (1 .. BUYERS) {
    $soak->begin(buyer => sub {
        my ($visitor, $wait) = (Visitors->new($soak), Soak::pace(REGISTRATIONS_PER_SECOND / BUYERS));
        sub { $wait->(); $visitor->visit };
    });
}
for (1 .. MISBEHAVING) {
    $soak->begin('someone who misbehaves' => sub {
        my ($visitor, $wait) = (Visitors->new($soak), Soak::pace(1));
        sub { $wait->(); $visitor->misbehave };
    });
}
for (1 .. 2) {
    $soak->begin('the app' => sub {
        my ($app, $wait) = (App->new($soak, @customers), Soak::pace(5));
        sub { $wait->(); $app->report };
    });
}
$soak->begin('the meter' => sub {
    my $hours = Hours->new($soak, FIRST_HOUR + 60);
    sub { $hours->hour };
});

$main->connect;

# ---- the time passes ----

my $from = time;
my $seconds = 60 * $minutes;
$watch = Watch->new($soak, $from, $from + $seconds);
# What replaces a process would hide what it leaks: the one that is there after a quarter lives on to the end, through what
# happens to the others. At the end everything happens once more.
my @all = (\&restart_database, \&rotate_logs, \&reload_nginx, \&replace_handler);
my @survived = (\&restart_database, \&rotate_logs);
my $every = max(8, $seconds / 24);
my ($n, $next_sample, $next_event, $next_word) = (0, $from, $from + $every, $from + 60);
while ((my $now = time) < $from + $seconds) {
    if ($now >= $next_event) {
        my @events = $now - $from < $seconds / 4 ? @all : @survived;
        $events[$n++ % @events]->();
        $next_event = time + $every; # however long that took, there is a time without
    }
    if ($now >= $next_sample) {
        $watch->look($main);
        $next_sample = max($now, $next_sample + SAMPLE_S);
    }
    if ($now >= $next_word) {
        my $counts = 'SELECT (SELECT count(*) FROM tollgate.customer), (SELECT count(*) FROM tollgate.metering_record)';
        diag(sprintf 'minute %.0f: %s customers, %s records, %d hours, handler %d KiB, %d things wrong', ($now - $from) / 60,
            split(/\|/, $main->ask($counts)),
            scalar $soak->notes('hour'), $watch->{samples}[-1]{fcgi_kib}, scalar $soak->notes('wrong'));
        $next_word += 60;
    }
    $soak->reap;
    sleep 0.2;
}
for (@all) { $_->(); sleep 3 }
is($soak->end_all, '', 'all who made the load end by themselves');

# ---- what was answered ----

my @replies = $soak->notes('reply');
my (%count, %odd);
for (@replies) {
    my ($at, $took, $what, $status) = @$_;
    $count{"$what $status"}++;
    next if $status == $Visitors::wanted{$what};
    next if $status == 503 && $Visitors::needs_database{$what} && $soak->was_away($at, $at + $took);
    $odd{"$what: $status"}++;
    diag(sprintf '%s: %s, at %s for %.1f s', $what, $status, scalar gmtime $at, $took);
}
is(join(', ', map { "$_ x $odd{$_}" } sort keys %odd), '',
    'everybody is answered as they should be; only while PostgreSQL is away some are asked to try again')
    or diag(`grep -E 'level=(warn|error)' $run/fcgi.log | grep -v PostgreSQL | tail -n 30`);
diag(join ', ', map { "$_ x $count{$_}" } sort keys %count);
diag('PostgreSQL was away for ', join(', ', map { sprintf '%.1f', $_ } $soak->outages), ' s');
diag(scalar($soak->notes('again')) . ' requests met a kept connection that nginx had ended');
my %runs;
$runs{join ' ', @$_}++ for $soak->notes('run');
diag('runs of the meter: ', join ', ', map { "$_ x $runs{$_}" } sort keys %runs);
is(join("\n", map { $_->[0] } splice @{[$soak->notes('wrong')]}, 0, 20), '', 'nothing went wrong under way');
ok(scalar(grep { $_->[0] eq 'second of two' && $_->[1] == 73 } $soak->notes('run')), 'a second run of the meter ended with 73');
ok(scalar(grep { $_->[1] == 137 } $soak->notes('run')), 'a run of the meter was killed');

# ---- the database ----

ok(until_true(60, sub { !glob "$run/state/journal/*.journal" }), 'the journal is empty');
ok(!-e "$run/state/journal/damaged", 'and nothing was set aside from it');
# lists(NAME, TYPE, VALUE…): a table of them
sub lists {
    my ($name, $type, @values) = @_;
    my $file = "$stack->{tmp}/$name";
    open my $out, '>', $file or die;
    print $out "$_\n" for @values;
    close $out;
    $main->ask("CREATE TABLE life.$name (value text); \\copy life.$name FROM '$file'");
}
lists($_, 'text', map { $_->[0] } $soak->notes($_)) for qw(landed gone contact);
my $landed = () = $soak->notes('landed');
is($main->ask("SELECT count(DISTINCT r.customer_id) FROM life.landed JOIN tollgate.registration r
    ON r.token_sha256 = decode(value, 'hex') AND r.outcome = 'resolved'"), $landed, "each of $landed who registered is a customer");
is($main->ask("SELECT count(*) FROM tollgate.customer c WHERE NOT EXISTS (SELECT FROM tollgate.registration r
    JOIN (TABLE life.landed UNION ALL TABLE life.gone) t ON r.token_sha256 = decode(t.value, 'hex') WHERE r.customer_id = c.id)"), 0,
    'and nobody else is');
is($main->ask('SELECT count(*) FROM life.contact WHERE value NOT IN (SELECT email FROM tollgate.contact)'), 0,
    'everybody who was thanked for their contact data is in touch');

# ---- the ledger ----

$hours = Hours->new($soak, max(map { $_->[0] } $soak->notes('hour'), [FIRST_HOUR]) + 3600);
$hours->finish;
my $records = "\\set records `curl -q --noproxy '*' -s $ENV{SANDBOX_URL}/control/records`\n";
is($main->ask('SELECT * FROM tollgate.audit_ledger() LIMIT 10'), '', 'the ledger adds up');
is($main->ask("$records SELECT * FROM life.problems(:'records') LIMIT 10"), '',
    'what was reported is what the ledger accepted, and what is billed is what AWS honoured, once');
is($main->ask('SELECT * FROM life.unbilled() LIMIT 10'), '', 'all that could be billed is, but for less than a unit');
is($main->ask("SELECT string_agg(DISTINCT state, ', ') FROM tollgate.record_state"), 'billed', 'no record has another end');
diag($main->ask("SELECT format('%s units of %s records, %s events, %s roll-ups', sum(quantity), count(*), (SELECT count(*)
    FROM tollgate.usage_event), (SELECT count(*) FROM tollgate.rollup)) FROM tollgate.metering_record"));

# ---- levels ----

diag($watch->table(72));
for (['fcgi_kib', 'the memory of tollgate-fcgi', SPARE_KIB], ['fcgi_fds', 'its descriptors', SPARE_FDS],
    ['fcgi_threads', 'its threads', 0], ['nginx_kib', 'the memory of nginx', SPARE_KIB],
    ['nginx_fds', 'its descriptors', SPARE_FDS], ['nginx_threads', 'its processes', 0],
    ['web_conns', 'its connections of PostgreSQL', 1], ['other_conns', 'all others', 2]) {
    my ($column, $name, $spare) = @$_;
    my ($middle, $last) = $watch->medians($column);
    cmp_ok($last, '<=', $middle * NOISE + $spare, "$name: $last in the last third, $middle in the one before");
    cmp_ok($middle, '>', 0, '… which was measured') if $column =~ /kib|fds/;
}
# As much slower as the machine is by itself, which others use too, the pages may be.
my @machine = $watch->latencies(\@replies, static => 200);
my $slower = max(1, $machine[1] / ($machine[0] || 1));
for (['register', 303], ['home', 200], ['sign up', 303]) {
    my ($what, $status) = @$_;
    my ($middle, $last) = $watch->latencies(\@replies, $what, $status);
    cmp_ok($last, '<=', $middle * SLOWER * $slower, sprintf '%s: %.1f ms in the last third, %.1f ms in the one before', $what,
        $last * 1000, $middle * 1000);
}

# ---- the end ----

$main->leave;
my %last = map { $_ => $watch->pid_of($_) } qw(nginx sandbox);
my ($postgres) = Watch::slurp("$run/pgdata/postmaster.pid") =~ /^(\d+)/;
kill QUIT => $last{nginx};
is($soak->exit_of($last{nginx}, 60), 0, 'nginx ends with 0');
kill TERM => $handlers[-1], $last{sandbox};
is(join(' ', map { $soak->exit_of($_, 60) } @handlers), join(' ', (0) x @handlers), 'each handler ended with 0');
is($soak->exit_of($last{sandbox}, 60), 0, 'the sandbox ends with 0');
$stack->stop_database;
is($soak->exit_of($postgres, 60), 0, 'PostgreSQL ends with 0');

# ---- logs ----

# The beginnings of tokens: they are found in what is cut short, too.
my $secrets = "$stack->{tmp}/secrets";
open my $out, '>', $secrets or die;
print $out substr($_->[0], 0, 30), "\n" for $soak->notes('token');
print $out "$_\n" for @Visitors::contact_data;
close $out;
is(scalar `LC_ALL=C grep -rlaF -f $secrets $run --exclude-dir=pgdata --exclude-dir=pgsocket`, '',
    'no token and no contact data outside the database');
open $out, '>', $secrets or die;
print $out "$ENV{AWS_SECRET_ACCESS_KEY}\n", grep { /\S/ } Watch::slurp("$run/state/session.key");
close $out;
is(scalar `LC_ALL=C grep -rlaF -f $secrets $run --include='*.log'`, '', 'no key in a log');
is($stack->crashes . `grep -hE '\\[(alert|emerg)\\]|level=error.*event=(bug|accept)' $run/*.log | head -n 5`, '',
    'no alert, crash or sanitizer report in a log');
my ($user, $system, $child_user, $child_system) = times;
diag(sprintf 'on average %.2f processors were in use', ($user + $system + $child_user + $child_system) / (time - $begun));
done_testing;
