# What the processes of a soak share: what they note, what time the ledger has, and when something was away by plan.
package Soak;
use strict;
use warnings;
use Fcntl qw(O_WRONLY O_APPEND O_CREAT);
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

# How long the handler may take to find its database again: it looks once a second, each of its connections by itself.
use constant RECOVERY_S => 5;

our $is_over; # the process is to end after its step

sub any { $_[rand @_] }

# new(STACK): before any process is started
sub new {
    my ($class, $stack) = @_;
    my $self = bless { stack => $stack, folder => "$stack->{tmp}/notes", owner => $$, processes => {}, exits => {} }, $class;
    mkdir $self->{folder}, 0700 or die "$self->{folder}: $!";
    return $self;
}

# ---- notes: a file a kind and process, a line each ----

sub note {
    my ($self, $kind, @values) = @_;
    my $key = "$kind.$$";
    unless ($self->{files}{$key}) {
        sysopen $self->{files}{$key}, "$self->{folder}/$key", O_WRONLY | O_APPEND | O_CREAT, 0600 or die "$key: $!";
    }
    syswrite $self->{files}{$key}, join("\t", @values) . "\n";
}

# What was noted by all, each as a list of values.
sub notes {
    my ($self, $kind) = @_;
    my @notes;
    for my $file (glob "$self->{folder}/$kind.*") {
        open my $in, '<', $file or die "$file: $!";
        while (my $line = <$in>) {
            chomp $line;
            push @notes, [split /\t/, $line, -1];
        }
    }
    return @notes;
}

# Something is not as it should be: it is told at the end.
sub wrong {
    my ($self, $what) = @_;
    $self->note(wrong => sprintf('%.0f: %s', time, $what =~ s/\s+/ /gr));
}

# ---- what was away by plan ----

# away(WHAT, CODE): until CODE is done and a moment later, what it stops may be missed
sub away {
    my ($self, $what, $code) = @_;
    my $from = time;
    $self->note(away => $what, $from, $from + 600);
    $code->();
    $self->note(away => $what, $from, time + RECOVERY_S);
}

# Whether PostgreSQL was away at some time from FROM to TO.
sub was_away {
    my ($self, $from, $to) = @_;
    my %until; # the second note of an outage has its end
    for ($self->notes('away')) {
        my ($what, $begun, $ended) = @$_;
        $until{$begun} = $ended if $what eq 'PostgreSQL';
    }
    return scalar grep { $_ <= $to && $until{$_} >= $from } keys %until;
}

# How long PostgreSQL was away, each time.
sub outages {
    my ($self) = @_;
    my @away = grep { $_->[0] eq 'PostgreSQL' } $self->notes('away');
    return map { $away[2 * $_ + 1][2] - $away[2 * $_][1] - RECOVERY_S } 0 .. $#away / 2;
}

# ---- the ledger's time ----

sub set_ahead {
    my ($self, $seconds) = @_;
    open my $out, '>', "$self->{folder}/ahead.new" or die $!;
    print $out $seconds;
    close $out;
    rename "$self->{folder}/ahead.new", "$self->{folder}/ahead" or die $!;
}

# Never after what the ledger's clock says: that is moved first.
sub now {
    my ($self) = @_;
    open my $in, '<', "$self->{folder}/ahead" or die $!;
    return time + <$in>;
}

# ---- processes ----

# begin(NAME, MAKE): a process that does $step->() of what MAKE returns, until it is told to end
sub begin {
    my ($self, $name, $make) = @_;
    my $pid = fork // die "fork: $!";
    if ($pid) {
        $self->{processes}{$pid} = $name;
        return;
    }
    $SIG{TERM} = sub { $is_over = 1 };
    $SIG{PIPE} = 'IGNORE';
    srand $$;
    my $step = eval { $make->() };
    $self->wrong("$name: $@") unless $step;
    while ($step && !$is_over) {
        eval { $step->(); 1 } or $self->wrong("$name: $@");
    }
    exit 0;
}

# end_all(): what did not end by itself and with 0
sub end_all {
    my ($self) = @_;
    my @wrong;
    kill TERM => keys %{$self->{processes}};
    for my $pid (keys %{$self->{processes}}) {
        my $exit = $self->exit_of($pid, 120);
        push @wrong, "$self->{processes}{$pid}: $exit" if $exit;
    }
    return join ', ', @wrong;
}

# Where the test ends before its end.
sub kill_all {
    my ($self) = @_;
    return if $$ != $self->{owner};
    kill KILL => grep { !defined $self->{exits}{$_} } keys %{$self->{processes}};
}

# Takes the exit status of what has ended, of those too whose parent has.
sub reap {
    my ($self) = @_;
    while ((my $pid = waitpid -1, WNOHANG) > 0) { $self->{exits}{$pid} = $? }
}

# exit_of(PID, SECONDS): 0 if it ended well; else what came of it
sub exit_of {
    my ($self, $pid, $seconds) = @_;
    my $until = time + $seconds;
    while (!defined $self->{exits}{$pid}) {
        return 'it runs on' if time > $until;
        $self->reap;
        sleep 0.05;
    }
    my $status = $self->{exits}{$pid};
    return $status & 127 ? 'signal ' . ($status & 127) : $status >> 8;
}

# pace(PER_SECOND): something that waits between steps, and does not make up for what was late
sub pace {
    my ($per_second) = @_;
    my $next = time + rand 1 / $per_second;
    return sub {
        my $now = time;
        sleep $next - $now if $next > $now;
        $next = ($next > $now - 1 ? $next : $now) + 1 / $per_second;
    };
}

1;
