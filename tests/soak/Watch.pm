# Looks at the processes of a stack from time to time, and at how quick they answer; and compares the last third of the
# time with the one before.
package Watch;
use strict;
use warnings;
use List::Util qw(sum0 max);
use Time::HiRes qw(time);

our @columns = qw(fcgi_kib fcgi_fds fcgi_threads nginx_kib nginx_fds nginx_threads web_conns other_conns);

# new(SOAK, FROM, UNTIL): the time that is looked at
sub new {
    my ($class, $soak, $from, $until) = @_;
    return bless { soak => $soak, from => $from, until => $until, samples => [], run => "$soak->{stack}{tmp}/run" }, $class;
}

sub slurp { open my $in, '<', $_[0] or return ''; local $/; scalar <$in> }
sub pid_of { my ($self, $name) = @_; slurp("$self->{run}/$name.pid") =~ /(\d+)/ ? $1 : die "no $name.pid\n" }

# Resident memory as the page tables have it: VmRSS is off by up to 64 pages a thread. What is swapped out counts.
sub kib_of { sum0 slurp("/proc/$_[0]/smaps_rollup") =~ /^(?:Rss|Swap):\s+(\d+)/mg }
sub fds_of { scalar(my @fds = glob "/proc/$_[0]/fd/*") }
sub threads_of { slurp("/proc/$_[0]/status") =~ /^Threads:\s+(\d+)/m ? $1 : 0 }
sub nginx_pids { my ($master) = @_; ($master, split ' ', slurp("/proc/$master/task/$master/children")) }

sub look {
    my ($self, $session) = @_;
    my %now = (at => time, web_conns => 0, other_conns => 0);
    my $fcgi = $self->pid_of('fcgi');
    @now{qw(fcgi_kib fcgi_fds fcgi_threads)} = (kib_of($fcgi), fds_of($fcgi), threads_of($fcgi));
    my @nginx = nginx_pids($self->pid_of('nginx'));
    $now{nginx_kib} = sum0 map { kib_of($_) } @nginx;
    $now{nginx_fds} = sum0 map { fds_of($_) } @nginx;
    $now{nginx_threads} = sum0 map { threads_of($_) } @nginx;
    for (split /\n/, $session->ask("SELECT usename = 'tollgate_web', count(*) FROM pg_stat_activity
        WHERE usename IS NOT NULL GROUP BY 1")) {
        my ($is_web, $n) = split /\|/;
        $now{$is_web eq 't' ? 'web_conns' : 'other_conns'} = $n;
    }
    push @{$self->{samples}}, \%now;
}

sub median {
    my @sorted = sort { $a <=> $b } @_;
    return @sorted ? $sorted[$#sorted / 2] : undef;
}

# Which third of the time: 0, 1, 2; nothing before and after it.
sub third {
    my ($self, $at) = @_;
    return if $at < $self->{from} || $at >= $self->{until};
    return int(3 * ($at - $self->{from}) / ($self->{until} - $self->{from}));
}

# medians(COLUMN): of the middle and the last third
sub medians {
    my ($self, $column) = @_;
    my @thirds = ([], [], []);
    for (@{$self->{samples}}) {
        my $third = $self->third($_->{at}) // next;
        push @{$thirds[$third]}, $_->{$column};
    }
    return map { median(@$_) // 0 } @thirds[1, 2];
}

# latencies(WHAT): the same, of what was answered as it should be
sub latencies {
    my ($self, $replies, $what, $status) = @_;
    my @thirds = ([], [], []);
    for (@$replies) {
        my ($at, $seconds, $kind, $got) = @$_;
        next if $kind ne $what || $got != $status;
        my $third = $self->third($at) // next;
        push @{$thirds[$third]}, $seconds;
    }
    return map { median(@$_) // 0 } @thirds[1, 2];
}

# The samples as a table: at most ROWS of them.
sub table {
    my ($self, $rows) = @_;
    my @samples = @{$self->{samples}};
    my $every = 1 + int(@samples / $rows);
    my $n = 0;
    my @lines = sprintf '%8s' . ' %13s' x @columns, 'second', @columns;
    for (grep { $n++ % $every == 0 } @samples) {
        push @lines, sprintf '%8.0f' . ' %13d' x @columns, $_->{at} - $self->{from}, @$_{@columns};
    }
    return join "\n", @lines;
}

1;
