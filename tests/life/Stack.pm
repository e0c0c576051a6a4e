# A stack for a test in Perl: dev/stack's servers in a folder of their own, the sandbox's control calls, a clock that
# the ledger and the sandbox share, and runs of tollgate-meter.
package Stack;
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use JSON::PP;
use Time::HiRes qw(sleep time);
use Session;

our $root = abs_path(dirname(__FILE__) . '/../..');
my $owner = $$;
my $is_up;

# What a run may end with: settled, refused, left for the next run, a setting, another run is under way.
our @codes = (0, 65, 75, 78, 73);

$SIG{INT} = $SIG{TERM} = $SIG{HUP} = sub { exit 130 };

sub new {
    my ($class) = @_;
    umask 022;
    my $bin = abs_path($ENV{BIN} // "$root/build") or die "no programs: make\n";
    my ($meter) = grep { -x } map { "$bin/${_}tests/e2e/kill_at" } '', 'out/';
    die "no kill_at below $bin: make units\n" unless $meter;
    my $tmp = tempdir('/var/tmp/tollgate-test.XXXXXX');
    chmod 0755, $tmp;
    my $self = bless { tmp => $tmp, bin => $bin, meter => $meter, ahead => 0, runs => 0 }, $class;
    $is_up = $self;
    local $ENV{BIN} = $bin;
    system("'$root/dev/stack' up $tmp/run >&2") == 0 or die "dev/stack up failed\n";
    # What the stack tells a client, without what this shell has of other servers.
    for (split /\0/, `. $tmp/run/env && exec env -0`) { $ENV{$1} = $2 if /^(PG\w+|AWS_\w+|TOLLGATE_\w+|SANDBOX_URL)=(.*)/s }
    @ENV{qw(TOLLGATE_METER_CALLS_PER_SECOND AWS_EC2_METADATA_DISABLED)} = (0, 'true');
    return $self;
}

END {
    if ($is_up && $$ == $owner) {
        my $status = $?;
        local $SIG{INT} = 'IGNORE';
        system("'$root/dev/stack' down $is_up->{tmp}/run >&2");
        system('rm', '-rf', $is_up->{tmp});
        $? = $status;
    }
}

sub stop_database { system("$root/dev/cluster", 'stop', "$_[0]{tmp}/run") == 0 or die "PostgreSQL does not stop\n" }
sub start_database { system("$root/dev/cluster", qw(start --throwaway), "$_[0]{tmp}/run") == 0 or die "no PostgreSQL\n" }
sub restart_database {
    my ($self) = @_;
    $self->stop_database;
    $self->start_database;
    # The sandbox finds it again by itself.
    for (1 .. 200) { return if defined ask(GET => '/control/calls', ''); sleep 0.1 }
    die "the sandbox does not find its database again\n";
}

# The body of an HTTP answer; nothing if there is none. In one packet, which saves a delayed acknowledgement.
sub ask {
    my ($method, $path, $body) = @_;
    my ($host) = $ENV{SANDBOX_URL} =~ m{^http://(.*)};
    my $socket = IO::Socket::INET->new(PeerAddr => $host, Timeout => 60) or return;
    print $socket "$method $path HTTP/1.0\r\nHost: $host\r\nContent-Type: application/json\r\nContent-Length: "
        . length($body) . "\r\n\r\n$body";
    local $/;
    my ($head, $answer) = split /\r\n\r\n/, <$socket> // '', 2;
    return $head =~ m{^HTTP/1\.. 200\b} ? $answer : undef;
}

# control(PATH [, BODY]): what the sandbox answers
sub control {
    my ($self, $path, $body) = @_;
    my $answer = $body ? ask(POST => "/control/$path", encode_json($body)) : ask(GET => "/control/$path", '');
    return $answer // die "/control/$path is refused\n";
}

# From now on AWS does as it should.
sub clear_faults {
    my ($self) = @_;
    Session->new('tollgate_sandbox')->ask('DELETE FROM sandbox.fault');
    $self->control(rate => { CallsPerSecond => 0 });
    $self->control(settings => { Repeat => 'Success', AfterEnd => 'CustomerNotSubscribed', GraceSeconds => 3600 });
}

# ---- the clock ----

sub now { time + $_[0]{ahead} }

# From now on it is that time, for the sandbox and for the ledger in a session's database, and runs on.
sub set_clock {
    my ($self, $session, $now) = @_;
    $self->control(clock => { Now => $now + 0 });
    $self->{ahead} = $now - time;
    $session->ask(sprintf "CREATE OR REPLACE FUNCTION tollgate.ledger_time() RETURNS timestamptz LANGUAGE sql STABLE "
        . "PARALLEL SAFE RETURN statement_timestamp() + interval '%.6f s'", $self->{ahead});
}

# ---- runs of the meter ----

# start(DATABASE, { NAME => VALUE of the environment }, OPTION…)
sub start {
    my ($self, $database, $env, @options) = @_;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    open STDERR, '>>', "$self->{tmp}/run/meter.log" or die;
    %ENV = (%ENV, PGUSER => 'tollgate_meter', PGDATABASE => $database, PACE => 40, AWS_MAX_ATTEMPTS => 1, %$env);
    exec { $self->{meter} } $self->{meter}, @options or die "exec: $!";
}

# end(PID): its exit status, 137 if it was killed
sub end {
    my ($self, $pid) = @_;
    local $SIG{ALRM} = sub { kill KILL => $pid; die "a run of the meter hangs\n" };
    alarm 120;
    waitpid $pid, 0;
    alarm 0;
    $self->{runs}++;
    my $code = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    die "a run of the meter ended with $code\n" unless grep { $_ == $code } @codes, 137;
    return $code;
}

sub run {
    my ($self, @how) = @_;
    return $self->end($self->start(@how));
}

# The end of a log, for a failure.
sub tail {
    my ($self, $name, $lines) = @_;
    return scalar `tail -n $lines $self->{tmp}/run/$name 2>/dev/null`;
}

# Lines of any log that show a crash.
sub crashes {
    my @logs = glob "$_[0]{tmp}/run/*.log";
    return @logs ? scalar `grep -hE 'Sanitizer|runtime error|stack smashing|PANIC' @logs 2>&1 | head -n 5` : 'there is no log';
}

1;
