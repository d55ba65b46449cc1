/**
 * A check of kind `http`. The application writes at startup, tries to leave the sandbox, and answers with what it reads. @param client the command that runs
 * the query appended to it.
 */
export function applicationCheck(image: string, client: string) {
  return {
    http: '/customers',
    image,
    command: ['perl', '-e', TINY_APPLICATION],
    env: {
      BOOT: `${client} "create table app_note (n int)" && ! bash -c ": < /dev/tcp/192.0.2.1/80" 2> /dev/null`,
      QUERY: `${client} "select count(*) from customer, app_note"`,
    },
    port: 3000,
    timeout: '1m',
  };
}

/**
 * A minimal application: runs one program at startup, and another for each answer, whose output is the body. In Perl because the images of all
 * servers have it along with their own clients.
 */
const TINY_APPLICATION = `
use IO::Socket::INET;
my $boot = system('sh', '-c', $ENV{BOOT});
die "cannot boot\\n" if $boot;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 3000, Listen => 5, ReuseAddr => 1) or die "listen: $!\\n";
while (my $client = $listener->accept) {
  while (my $line = <$client>) { last if $line =~ /^\\r?$/ }
  my $body = \`$ENV{QUERY}\`;
  print $client "HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: " . length($body) . "\\r\\n\\r\\n$body";
  close $client;
}`;
