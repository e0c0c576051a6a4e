# Browsers on the landing page: buyers, who register and perhaps sign up, and those who do what they should not. What each
# request was answered is noted: "reply" when, seconds, what, status.
package Visitors;
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(sleep time);
use Soak;

# What is to be answered; 503 too while PostgreSQL is away, to those that need it.
our %wanted = (register => 303, 'sign up' => 303, 'hand over' => 303, form => 200, thanks => 200, existing => 200,
    home => 200, health => 200, static => 200, 'wrong token' => 400, 'large body' => 413, 'huge body' => 413,
    'slow body' => 400);
our %needs_database = map { $_ => 1 } 'register', 'sign up', 'hand over', 'form', 'thanks', 'existing', 'wrong token';

use constant TRIES => 60; # a second apart: of a buyer whom the page asks to try again

my $email = 'soak.example'; # so that all contact data is found by one text
our @contact_data = ($email, 'Soaked and Sons');

# HTTP::Tiny sends head and body apart; the second would wait for a delayed acknowledgement, 40 ms.
{
    no warnings 'redefine';
    my $connect = \&HTTP::Tiny::Handle::connect;
    *HTTP::Tiny::Handle::connect = sub {
        my $self = $connect->(@_);
        setsockopt $self->{fh}, IPPROTO_TCP, TCP_NODELAY, 1;
        return $self;
    };
}

sub new {
    my ($class, $soak) = @_;
    my $http = HTTP::Tiny->new(max_redirect => 0, timeout => 60, keep_alive => 1, http_proxy => undef);
    my $control = HTTP::Tiny->new(timeout => 60, keep_alive => 1, http_proxy => undef);
    return bless { soak => $soak, http => $http, control => $control, n => 0 }, $class;
}

sub landing_url { $ENV{TOLLGATE_PUBLIC_URL} }

# ask(WHAT, METHOD, PATH [, FORM]): the reply
sub ask {
    my ($self, $what, $method, $path, $form) = @_;
    my %request = (headers => { $self->{cookie} ? (Cookie => $self->{cookie}) : () });
    if ($form) {
        $request{content} = $self->{http}->www_form_urlencode($form);
        $request{headers}{'Content-Type'} = 'application/x-www-form-urlencoded';
    }
    my $from = time;
    my $reply = $self->{http}->request($method, landing_url() . $path, \%request);
    if ($reply->{status} == 599 && $reply->{content} =~ /closed|Unexpected end|reset|pipe/i) {
        # A kept connection that nginx ended, in a reload for example: browsers ask again, on a new one.
        $self->{soak}->note(again => $from, $what, $reply->{content} =~ s/\s+/ /gr);
        $reply = $self->{http}->request($method, landing_url() . $path, \%request);
    }
    $self->replied($from, $what, $reply->{status});
    my $cookie = $reply->{headers}{'set-cookie'};
    $cookie = $cookie->[-1] if ref $cookie;
    $self->{cookie} = $1 if $cookie && $cookie =~ /^([^;]+)/;
    return $reply;
}

sub replied {
    my ($self, $from, $what, $status) = @_;
    $self->{soak}->note(reply => sprintf('%.3f', $from), sprintf('%.5f', time - $from), $what, $status);
}

# Until it is not asked to try again.
sub insist {
    my ($self, @request) = @_;
    for (1 .. TRIES) {
        my $reply = $self->ask(@request);
        return $reply if $reply->{status} != 503;
        sleep 1;
    }
    $self->{soak}->wrong("$request[0]: a buyer gave up");
    return { status => 503, headers => {}, content => '' };
}

# control(PATH, BODY): what the sandbox answers; insists, since its database is the one that goes away
sub control {
    my ($self, $path, $body) = @_;
    for (1 .. TRIES) {
        my $reply = $self->{control}->post("$ENV{SANDBOX_URL}/control/$path", { content => encode_json($body) });
        return decode_json($reply->{content}) if $reply->{success};
        sleep 1;
    }
    die "/control/$path is refused\n";
}

# A buyer of a product: what the sandbox says of them.
sub mint {
    my ($self, $product) = @_;
    my $minted = $self->control(tokens => { ProductCode => $product });
    $self->{soak}->note(token => $minted->{RegistrationToken});
    $self->{product} = $product;
    delete $self->{cookie};
    return $minted;
}

# land(PRODUCT): a new buyer registers. What the sandbox says of them, if they got in.
sub land {
    my ($self, $product) = @_;
    my $minted = $self->mint($product);
    my $token = $minted->{RegistrationToken};
    my $reply = $self->insist('register', POST => '/register', { 'x-amzn-marketplace-token' => $token });
    return if $reply->{status} != 303;
    $self->{soak}->note(landed => sha256_hex($token));
    return $minted;
}

sub csrf { $_[0]{content} =~ /name="csrf" value="([^"]*)"/ ? $1 : 'none' }

sub sign_up {
    my ($self) = @_;
    my $form = $self->insist('form', GET => '/signup');
    my $address = "buyer.$$." . ++$self->{n} . "\@$email";
    my $reply = $self->insist('sign up', POST => '/signup', { csrf => csrf($form), email => $address,
        field_company => $contact_data[1], $self->{product} eq 'prod-license' ? (field_region => 'Europe') : () });
    return if $reply->{status} != 303;
    $self->{soak}->note(contact => $address);
    $self->insist('thanks', GET => '/thanks');
}

sub hand_over {
    my ($self) = @_;
    my $page = $self->insist('existing', GET => '/existing');
    $self->insist('hand over', POST => '/handoff', { csrf => csrf($page) });
}

# A buyer, from AWS's POST on; and who else looks at the pages.
sub visit {
    my ($self) = @_;
    my $product = Soak::any(qw(prod-legacy prod-license));
    if ($self->land($product)) {
        my $will = rand;
        if ($will < 0.3) { $self->sign_up }
        elsif ($will < 0.4 && $product eq 'prod-legacy') { $self->hand_over }
    }
    $self->ask(home => GET => '/') if rand() < 0.3;
    $self->ask(health => GET => '/healthz') if rand() < 0.5;
    # What nginx serves by itself tells how fast the machine is just now.
    $self->ask(static => GET => '/static/unavailable.html') if rand() < 0.5;
}

# ---- those who do what they should not ----

sub connect {
    my ($host) = landing_url() =~ m{^http://(.*)};
    return IO::Socket::INET->new(PeerAddr => $host, Timeout => 60) // die "$host: $!\n";
}

sub head {
    my ($length) = @_;
    return "POST /register HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        . "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: $length\r\n\r\n";
}

# raw(WHAT, SECONDS, PIECE…): pieces that are sent one after another, with pauses
sub raw {
    my ($self, $what, $seconds, @pieces) = @_;
    my $from = time;
    my $socket = $self->connect;
    for (@pieces) {
        print $socket $_;
        $socket->flush;
        sleep $seconds;
    }
    my $line = <$socket> // '';
    $self->replied($from, $what, $line =~ m{^HTTP/1\.1 (\d+)} ? $1 : 0);
}

# Goes away: in the middle of the body, or before the answer, which may be a registration all the same.
sub go_away {
    my ($self, $share) = @_;
    my $token = $self->mint('prod-legacy')->{RegistrationToken};
    my $body = $self->{http}->www_form_urlencode({ 'x-amzn-marketplace-token' => $token });
    my $socket = $self->connect;
    print $socket head(length $body), substr $body, 0, $share * length $body;
    close $socket;
    $self->{soak}->note(gone => sha256_hex($token));
}

sub wrong_token {
    my ($self) = @_;
    delete $self->{cookie};
    $self->insist('wrong token', POST => '/register', { 'x-amzn-marketplace-token' => 'no-token-' . int rand 200 });
}

# AWS fails, which the handler tries again unseen.
sub spoil {
    my ($self) = @_;
    $self->control(faults => { Action => 'ResolveCustomer', Count => 1, DelayMs => 100,
        Fault => Soak::any(qw(ThrottlingException InternalServiceErrorException lost reset slow)) });
}

my @misdeeds = (
    \&wrong_token,
    sub { $_[0]->raw('large body', 0, head(70_000), 'a' x 70_000) },
    sub { $_[0]->raw('huge body', 0, head(10_000_000)) },
    sub { $_[0]->raw('slow body', 0.3, head(600), ('a' x 60) x 10) },
    sub { $_[0]->go_away(0.5) },
    sub { $_[0]->go_away(1) },
    \&spoil,
);

sub misbehave { Soak::any(@misdeeds)->($_[0]) }

1;
