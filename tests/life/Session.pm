# A psql that stays connected: statements go in, what they print comes back.
package Session;
use strict;
use warnings;
use IPC::Open2;

# new(DATABASE [, ROLE]): of the server that PG* names
sub new {
    my ($class, $database, $role) = @_;
    my $self = bless { database => $database, role => $role // $ENV{PGUSER} }, $class;
    $self->connect;
    return $self;
}

sub connect {
    my ($self) = @_;
    $self->leave;
    delete @ENV{qw(PGOPTIONS PSQLRC)};
    # The shell puts what psql complains about among what it prints.
    $self->{pid} = open2($self->{out}, $self->{in}, 'sh', '-c', 'exec psql -XqAt -d "$0" -U "$1" 2>&1',
        $self->{database}, $self->{role});
    $self->ask('SET client_min_messages = warning');
}

sub leave {
    my ($self) = @_;
    return unless $self->{pid};
    close $self->{in};
    close $self->{out};
    waitpid $self->{pid}, 0;
    delete $self->{pid};
}

# What psql prints of the statements, errors among it.
sub try {
    my ($self, $sql) = @_;
    my $said = '';
    local $SIG{PIPE} = 'IGNORE';
    print { $self->{in} } "$sql;\n\\echo <done>\n";
    $self->{in}->flush;
    while (defined(my $line = readline $self->{out})) {
        return $said if $line eq "<done>\n";
        $said .= $line;
    }
    return "${said}FATAL: the connection is lost\n";
}

sub is_error { $_[0] =~ /^(psql:.*)?(ERROR|FATAL|PANIC): /m }

# The same, of statements that succeed.
sub ask {
    my ($self, $sql) = @_;
    my $said = $self->try($sql);
    die "$sql\n$said" if is_error($said);
    chomp $said;
    return $said;
}

1;
