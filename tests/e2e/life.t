#!/usr/bin/perl
# tollgate-meter through a random life, against the sandbox, with a clock that is moved: usage of every kind, late and in
# transactions that stay open, while AWS, the network, PostgreSQL and the program itself fail in every way. Every few
# steps all is counted. SEED=4711 repeats a life, as far as the machine lets it; STEPS=5000 makes it longer. MUTANTS=1
# tries mutants of the rules, too, which show that the counting finds what is wrong: no life is twice the same, so how
# long that takes is a matter of luck.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../life";
use Test::More;
use Session;
use Stack;
use Life;

my $stack = Stack->new;
Session->new('tollgate_sandbox')->ask(<<'END');
INSERT INTO sandbox.product VALUES ('life-legacy', 'L', 'L', 'legacy'), ('life-license', 'L', 'L', 'license');
INSERT INTO sandbox.dimension SELECT p, d, 1 FROM unnest(ARRAY['life-legacy', 'life-license']) p,
  unnest(ARRAY['d1', 'd2', 'd3', 'inc']) d
END
Session->new('postgres')->ask('CREATE DATABASE unused');
system("PGDATABASE=unused '$Stack::root/sql/migrate' >&2") == 0 or die "sql/migrate failed\n";

# live(SEED, STEPS, EVERY [, CHANGE, HOW, THEN]): what was wrong, counted after each EVERY steps and at the end, and the
# life. CHANGE: statements that replace functions. HOW, THEN: what happens more often, see Life->new.
sub live {
    my ($seed, $steps, $every, $change, @more) = @_;
    Session->new('postgres')->ask("DROP DATABASE IF EXISTS lived WITH (FORCE)");
    Session->new('postgres')->ask('CREATE DATABASE lived TEMPLATE unused');
    unlink "$ENV{TOLLGATE_STATE_DIR}/ledger"; # that was of the database before
    my $life = Life->new($stack, 'lived', $seed, @more);
    $life->main->ask($change) if $change;
    my $wrong = eval { $life->live($steps, $every) } // "after step $life->{n}: $@";
    $life->leave;
    return ($wrong, $life);
}

# ---- a life ----

my $seed = $ENV{SEED} // int rand 1e6;
my ($wrong, $life) = live($seed, $ENV{STEPS} // 250, 20);
is($wrong, '', "a random life, SEED=$seed: every unit is in one place, and what is billed is what AWS honoured")
    or diag('the last steps: ', join(', ', splice @{$life->{done}}, @{$life->{done}} > 30 ? -30 : 0), "\n", $stack->tail('meter.log', 40));
note(join ', ', map { "$life->{happened}{$_} x $_" } sort keys %{$life->{happened}});
note(Session->new('lived')->ask("SELECT string_agg(n || ' ' || state, ', ') FROM (SELECT state, count(*) AS n
    FROM tollgate.record_state GROUP BY state ORDER BY state) s"));

# ---- mutants ----

# mutant NAME, [HOW, THEN], WHAT is found, FILE, FROM => TO…: the life has to find that the function in FILE is wrong. Without
# the check that each freeze makes of itself, which would find some of them first. One of several lives: late in a long one
# what happens is seldom new, and counting takes ever longer.
sub mutant {
    my ($name, $more, $found, $file, @changes) = @_;
    open my $in, '<', "$Stack::root/sql/functions/$file.sql" or die "$file: $!";
    my $text = do { local $/; <$in> };
    while (my ($from, $to) = splice @changes, 0, 2) {
        $text =~ s/\Q$from\E/$to/ or return fail("mutant: $name: \"$from\" is not in $file.sql");
    }
    for my $seed (1 .. 8) {
        my ($wrong, $life) = live($seed, 250, 5, "$text; CREATE OR REPLACE FUNCTION tollgate.check_freeze(first bigint)
            RETURNS void LANGUAGE sql RETURN NULL", @$more);
        next if $wrong eq '' && $seed < 8;
        return like($wrong, $found, "mutant: $name is found") && note("by life $seed, after step $life->{n}");
    }
}

sub mutants {
    my $refused = qr/is refused, and AWS honoured/;
    my $lost = qr/is (waits|moved|refused), and AWS honoured/;
    # What is wrong at the first run of a day, the run itself finds and ends with 70.
    my $nowhere = qr/units are nowhere|the balance says|ended with 70/;
    mutant 'a refusal after an uncertain attempt is taken as final', ['kill', 'repeat'], $refused,
        settle_calls => "CASE WHEN s.uncertain THEN 'unconfirmed' ELSE 'refused' END", "'refused'";
    mutant 'an error of a record after an uncertain attempt is taken as final', ['kill', 'refuse'], $refused,
        refuse_record => "CASE WHEN o.uncertain THEN 'unknown' ELSE 'refused' END", "'refused'";
    mutant 'an answer that was lost counts as a refusal', ['lost', 'wait'], $lost,
        settle_calls => 'o.uncertain OR a.uncertain AS', 'o.uncertain AS';
    mutant 'a lost call of a killed run counts as not made', ['kill', 'wait'], $lost,
        begin_run => 'SET uncertain = true, attempts', 'SET attempts';
    mutant 'an expired uncertain record is moved', ['kill', 'wait'], qr/is moved, and AWS honoured/,
        end_records => "CASE WHEN o.uncertain THEN 'unknown' ELSE 'moved' END", "'moved'";
    mutant 'a carry of the hour before is not marked as carried', [], $nowhere,
        freeze_records => 'AND w.used_hour <= up_to', "AND w.used_hour <= up_to AND w.kind <> 'carry'";
    mutant 'a carry is lost', [], $nowhere,
        freeze_records => 'WHERE p.units <> p.quantity', 'WHERE p.units - p.quantity >= 1';
    mutant 'a roll-up goes by the clock and not by what it sees', [], $nowhere,
        take_usage => "(e.xid >= pg_snapshot_xmax(last) OR e.xid = ANY (was_open))\n"
            . '        AND pg_visible_in_snapshot(e.xid, (SELECT t.snapshot FROM this t))',
        "e.recorded_at > coalesce((SELECT max(r.rolled_up_at) FROM rollup r), '-infinity')", 'ledger_time(),' => 'now(),';
    mutant 'a repair bills all anew', ['kill', 'wait'], qr/nowhere|the balance says|are not its/, repair_record =>
        'p.quantity - greatest(0, least(p.quantity, honoured - (p.until - p.quantity)))', 'p.quantity';
    mutant 'CustomerNotSubscribed after an uncertain attempt is taken as final', ['kill', 'end'], $refused,
        settle_calls => "CASE WHEN s.uncertain THEN 'unknown'", "CASE";
    mutant 'a record that no list names counts as not honoured', ['drop', 'wait'], $lost,
        settle_calls => " OR j.said = 'unnamed'", '';
}
mutants() if $ENV{MUTANTS};

is($stack->crashes, '', 'no crash and no sanitizer\'s report');
done_testing;
