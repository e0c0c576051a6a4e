# The seller's app, which reports usage in every way that docs/usage.md shows. In the same transaction it notes in
# life.used what it reported, so that both are there or neither, whatever happens to the connection.
package App;
use strict;
use warnings;
use POSIX qw(strftime);
use Session;
use Soak;
use Time::HiRes qw(sleep time);

use constant { HOUR => 3600, COPIED_ROWS => 2000, COPY_S => 10, KEYS_KEPT => 200 };

my $columns = '(customer_id, dimension, quantity, used_at, tags)';

# new(SOAK, CUSTOMERS): their ids
sub new {
    my ($class, $soak, @customers) = @_;
    my $self = bless { soak => $soak, customers => \@customers, keys => [], n => 0 }, $class;
    for (qw(main open)) {
        $self->{used}{$_} = time;
        $self->{$_} = Session->new('tollgate', 'tollgate_app');
    }
    return $self;
}

# Customer, dimension, quantity (below 100), time and tags of some usage, as texts.
sub event {
    my ($self) = @_;
    my $dimension = Soak::any(qw(users users requests gigabytes));
    my $quantity = Soak::any(1, 2, sprintf('%.3f', rand 3), sprintf('%.3f', rand 3), sprintf('-%.2f', rand 2), int rand 20);
    my $age = rand Soak::any(60, 60, HOUR, HOUR, 3 * HOUR, 20 * HOUR);
    my $tags = $dimension ne 'gigabytes' && rand() < 0.3 ? Soak::any('{"team": "blue"}', '{"team": "red", "cost": "x"}') : undef;
    return (Soak::any(@{$self->{customers}}), $dimension, $quantity, sprintf('%.3f', $self->{soak}->now - $age), $tags);
}

sub values_of {
    my ($customer, $dimension, $quantity, $at, $tags) = @_;
    return "($customer, '$dimension', ${quantity}::numeric, to_timestamp($at), " . ($tags ? "'$tags'" : 'NULL') . '::jsonb)';
}

# do_in(SESSION, SQL [, WANTED]): notes what is wrong with what is said. The server may have gone away, by plan, at any time
# since the session was used.
sub do_in {
    my ($self, $session, $sql, $wanted) = @_;
    my $from = $self->{used}{$session};
    my $said = $self->{$session}->try($sql);
    $self->{used}{$session} = time;
    $self->{soak}->note(usage => 1);
    return if $wanted ? $said =~ $wanted : !Session::is_error($said);
    if ($said =~ /^(psql:.*)?FATAL|server closed the connection|terminating connection|connection to server/m) {
        $self->come_back($session);
        $self->{soak}->wrong("usage: the connection is lost: $said") unless $self->{soak}->was_away($from, time);
    } else {
        $self->{soak}->wrong('usage: ' . substr($sql, 0, 300) . " $said");
    }
}

sub come_back {
    my ($self, $session) = @_;
    for (1 .. 600) {
        return if eval { $self->{$session}->connect; 1 };
        sleep 0.1;
    }
    die "the app does not find its database again\n";
}

sub insert {
    my ($self, @events) = @_;
    my $values = join ', ', @events;
    return "INSERT INTO tollgate.usage_event $columns VALUES $values; INSERT INTO life.used $columns VALUES $values";
}

sub rows {
    my ($self) = @_;
    $self->do_in(main => 'BEGIN; ' . $self->insert(map { values_of($self->event) } 0 .. rand 3) . '; COMMIT');
}

# With a key; and what was reported before, again, as after a lost answer: it counts once.
sub keyed {
    my ($self) = @_;
    my $keys = $self->{keys};
    if (@$keys && rand() < 0.4) {
        $self->do_in(main => Soak::any(@$keys)->{sql});
        return;
    }
    my ($customer, $dimension, $quantity, $at, $tags) = $self->event;
    my $key = "soak.$$." . ++$self->{n};
    my $call = sub { "tollgate.record_usage($customer, '$dimension', $_[0], to_timestamp($at), '$key', "
        . ($tags ? "'$tags'" : 'NULL') . ')' };
    my $sql = "BEGIN; WITH new AS MATERIALIZED (SELECT " . $call->($quantity) . " AS is_new) INSERT INTO life.used $columns "
        . 'SELECT v.* FROM (VALUES ' . values_of($customer, $dimension, $quantity, $at, $tags) . ') v, new WHERE is_new; COMMIT';
    $self->do_in(main => $sql);
    push @$keys, { sql => $sql, other => 'SELECT ' . $call->(100) };
    shift @$keys if @$keys > KEYS_KEPT;
}

# A known key with other content is refused, and changes nothing. It is known for sure once it was reported twice.
sub keyed_otherwise {
    my ($self) = @_;
    my $key = Soak::any(@{$self->{keys}}) or return;
    $self->do_in(main => $key->{sql});
    $self->do_in(main => $key->{other}, qr/ERROR: .*other content|ERROR: .* key /);
}

sub copy {
    my ($self) = @_;
    my $rows = join '', map {
        my ($customer, $dimension, $quantity, $at, $tags) = $self->event;
        join("\t", $customer, $dimension, $quantity, strftime('%Y-%m-%d %H:%M:%SZ', gmtime $at), $tags // '\N') . "\n"
    } 1 .. COPIED_ROWS;
    $self->do_in(main => join "\n", 'BEGIN;', (map { "COPY $_ $columns FROM stdin;\n$rows\\." } qw(tollgate.usage_event life.used)),
        'COMMIT');
}

# A transaction that stays open for a while, over runs of the meter and hours.
sub stay_open {
    my ($self) = @_;
    return if $self->{ends_at};
    $self->do_in(open => 'BEGIN; ' . $self->insert(map { values_of($self->event) } 0 .. rand 5));
    $self->{ends_at} = time + 1 + rand 30;
}

sub end_open {
    my ($self) = @_;
    return if !$self->{ends_at} || $self->{ends_at} > time && !$Soak::is_over;
    delete $self->{ends_at};
    # After a restart of the server there is none to end.
    $self->do_in(open => Soak::any(qw(COMMIT COMMIT ROLLBACK)));
}

my @ways = ((\&rows) x 12, (\&keyed) x 12, \&keyed_otherwise, \&stay_open, \&stay_open);

sub report {
    my ($self) = @_;
    $self->end_open;
    Soak::any(@ways)->($self);
    if (time > ($self->{next_copy} // 0)) {
        $self->copy;
        $self->{next_copy} = time + COPY_S;
    }
}

1;
