#!/usr/bin/perl
# The rules of the house that a machine can check: who may include whom, sizes, widths, banned functions, documents.
use strict;
use warnings;
use Test::More;
use FindBin;

chdir "$FindBin::Bin/.." or die;

# Which headers each folder may use; everybody may use libc's.
my @core = qw(form listen reply request route template template_compile template_html template_tag template_dir views worker);
my $core = join '|', grep { $_ ne 'views' } @core;
my %may = (
    base => qr{^base/},
    aws => qr{^(base/|aws/|curl/|openssl/|cjson/)},
    db => qr{^(base/|db/|libpq-fe\.h)},
    core => qr{^(base/|fcgi/($core)\.h|fcgiapp\.h)},
    fcgi => qr{^(base/|aws/|db/|fcgi/|openssl/|fcgi_queries\.h)},
    meter => qr{^(base/|aws/|db/|meter/|meter_queries\.h)},
    sandbox => qr{^(base/|db/|fcgi/($core)\.h|aws/(sigv4|limits)\.h|sandbox/|openssl/|cjson/|sandbox_queries\.h)},
    cli => qr{^(base/|aws/|db/|cli/|cjson/|cli_queries\.h)},
);
my $libc = qr{^(?!base/|aws/|db/|fcgi/|sandbox/|meter/|cli/|curl/|openssl/|cjson/|libpq|fcgi)[a-z0-9_/]+\.h$};
my @banned = qw(strcpy strcat sprintf vsprintf gets strtok asctime ctime gmtime localtime rand srand atoi alloca system popen);

sub slurp { open my $in, '<', $_[0] or die "$_[0]: $!"; local $/; <$in> }

sub folder_of {
    my ($file) = @_;
    return 'core' if $file =~ m{^fcgi/($core)\.[ch]$};
    return $file =~ m{^([^/]+)/} ? $1 : '';
}

my @sources = sort grep { m{^(base|aws|db|fcgi|meter|sandbox|cli)/.*\.[ch]$} } split /\n/, `git ls-files -co --exclude-standard`;
ok(@sources > 50, 'the sources are found');
my (@includes, @wide, @long, @words);
for my $file (@sources) {
    my $folder = folder_of($file);
    my $n = 0;
    for (split /\n/, slurp($file)) {
        $n++;
        if (/^\s*#\s*include\s*[<"]([^>"]+)[>"]/) {
            push @includes, "$file:$n: $1" unless $1 =~ $may{$folder} || $1 =~ $libc;
        }
        (my $line = $_) =~ s/\t/    /g;
        utf8::decode($line);
        push @wide, "$file:$n: " . length($line) . ' columns' if length($line) > 100;
        push @words, "$file:$n: $1" if /\b(TODO|FIXME|XXX|HACK)\b/;
        s{/\*.*?\*/|"(\\.|[^"\\])*"}{}g;
        for my $name (@banned) {
            push @words, "$file:$n: $name" if /(?<![\w.>])\Q$name\E\s*\(/;
        }
    }
    push @long, "$file: $n lines" if $n > 400;
}
is(join("\n", @includes), '', 'each folder includes only what its row of the design names');
is(join("\n", @wide), '', 'no line is wider than 100 columns');
is(join("\n", @words), '', 'no banned function, no unfinished word');
for (split /\n/, `ctags -x --c-kinds=f --fields=+ne --_xformat='%N %n %{end} %F' @{[grep { /\.c$/ } @sources]}`) {
    my ($name, $from, $to, $file) = split ' ';
    push @long, "$file: $name has " . ($to - $from + 1) . ' lines' if $to - $from + 1 > 60;
}
is(join("\n", @long), '', 'no file over 400 lines, no function over 60');

# Documents say what the program says.
my $readme = slurp('README.md');
my $conf = slurp('base/conf.c');
my @settings = $conf =~ /\{\s*"(TOLLGATE_\w+)"/g;
ok(@settings >= 10, 'the table of settings is found');
is(join("\n", grep { index($readme, "`$_`") < 0 } @settings), '', 'each setting is in the README');
for my $page (glob '*/*.1 */*.8') {
    my $text = slurp($page);
    is(`mandoc -T lint -W warning $page 2>&1`, '', "$page is well-formed");
    next unless $page =~ /fcgi|sandbox/;
    is(join("\n", grep { index($text, $_) < 0 } @settings), '', "each setting is in $page") if $page =~ /fcgi/;
}
my @unknown = grep { my $s = $_; !grep { $_ eq $s } @settings } slurp('README.md') =~ /`(TOLLGATE_[A-Z_]+)`/g;
is(join("\n", @unknown), '', 'the README names no setting that does not exist');
# Documents name tests that are there.
for my $document (qw(docs/api-reference.md docs/metering-scenarios.md)) {
    my $text = slurp($document);
    my @gone;
    while ($text =~ /`(tests\/[^`]+)`(?:: ([^;|(]*[^;|( ]))?/g) {
        my ($file, $name) = ($1, $2);
        push @gone, "$file: " . ($name // 'the file') unless -e $file && (!defined $name || index(slurp($file), $name) >= 0);
    }
    is(join("\n", @gone), '', "$document names tests that exist");
}
my @untested = grep { /^\| (?!what happens)/ && !/`tests\// } split /\n/, slurp('docs/metering-scenarios.md');
is(join("\n", @untested), '', 'each row of docs/metering-scenarios.md names a test');
done_testing();
