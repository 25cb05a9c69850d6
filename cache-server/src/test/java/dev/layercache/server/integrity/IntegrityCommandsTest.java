package dev.layercache.server.integrity;

import static dev.layercache.server.faults.StoredFiles.bytes;
import static dev.layercache.server.faults.StoredFiles.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.cli.Main;
import dev.layercache.client.ClientOptions;
import dev.layercache.client.LayercacheClient;
import dev.layercache.client.TransferListener;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.server.app.LayercacheServer;
import dev.layercache.server.config.DataSize;
import dev.layercache.server.config.HostPort;
import dev.layercache.server.config.ServerConfig;
import dev.layercache.server.crash.SeededImage;
import dev.layercache.server.faults.StoredFiles;
import dev.layercache.server.store.RocksStore;
import dev.layercache.server.store.StoreOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands against a real server, over a real socket. */
@Timeout(60)
class IntegrityCommandsTest {
  private static final int MIB = 1 << 20;
  private static final HostPort ANY = new HostPort("127.0.0.1", 0);

  @TempDir private Path directory;

  /** What a command printed, and its exit code. */
  private record Outcome(int code, String out, String err) {}

  @Test
  void verifySaysWhatIsDamagedAndQuarantineListsIt() throws Exception {
    byte[] content = bytes(1, 2 * MIB);
    Digest digest = fill("data", content);
    StoredFiles.flip(new StoredFiles(directory.resolve("data")).ending(".sst").getFirst(), MIB, 7);
    try (var server = serve("data")) {
      var fast = run(server, "verify", "--fast");
      assertThat(fast.code()).isEqualTo(1);
      assertThat(fast.out())
          .contains("damaged: " + digest)
          .contains("checksum mismatch")
          .contains("1 damaged");

      var full = run(server, "verify", "--json");
      assertThat(full.code()).isZero();
      assertThat(full.out()).contains("\"findings\":0").contains("\"blobs\":1");

      assertThat(run(server, "stats", "--json").out()).contains("\"damaged\":1");

      var listed = run(server, "quarantine");
      assertThat(listed.code()).isZero();
      assertThat(listed.out())
          .contains(digest.toString())
          .contains("missing")
          .contains("1 blobs were ever found damaged");
    }
    fill("data", content);
    try (var server = serve("data")) {
      assertThat(run(server, "quarantine", "--json").out()).contains("\"healed\":true");
    }
  }

  @Test
  void bothDepthsAtOnceAreWrongUsage() throws Exception {
    fill("data", bytes(1, 10));
    try (var server = serve("data")) {
      assertThat(run(server, "verify", "--fast", "--full").code()).isEqualTo(2);
    }
  }

  @Test
  void aBackupIsServed() throws Exception {
    Digest digest = fill("data", bytes(1, 2 * MIB));
    Path copy = directory.resolve("copy");
    try (var server = serve("data")) {
      var made = run(server, "backup", copy.toString());
      assertThat(made.err()).isEmpty();
      assertThat(made.out()).contains(copy.toString()).contains("2 blobs");

      var again = run(server, "backup", copy.toString());
      assertThat(again.code()).isEqualTo(1);
      assertThat(again.err()).contains("not empty");
    }
    try (var server = serve("copy")) {
      assertThat(run(server, "verify").out()).contains("nothing is damaged");
    }
    try (var store = open("copy")) {
      assertThat(store.blobs().stat(digest)).isPresent();
    }
  }

  @Test
  void aSecondServerOnABackupServesEveryImageByBothDoors() throws Exception {
    var images = new HashMap<String, SeededImage>();
    Path copy = directory.resolve("copy");
    try (var server = serve("data")) {
      for (int i = 0; i < 4; i++) {
        images.put("team/app%d:v1".formatted(i), new SeededImage(i));
      }
      try (var client = connect(server)) {
        for (var image : images.entrySet()) {
          var name = ImageReference.parse(image.getKey());
          client.pushImage(image.getValue(), name, TransferListener.NONE);
        }
        client.pin(ImageReference.parse("team/app0:v1"), Optional.empty());
      }
      assertThat(run(server, "backup", copy.toString()).code()).isZero();
      // What happens to the original afterwards is not the copy's business.
      assertThat(run(server, "rm", "team/app1:v1").code()).isZero();

      try (var second = serve("copy");
          var client = connect(second);
          var http = HttpClient.newHttpClient()) {
        for (var image : images.entrySet()) {
          requireServed(client, http, second, image.getKey(), image.getValue());
        }
        assertThat(run(second, "pins").out()).contains("team/app0:v1");
        assertThat(run(second, "verify").out()).contains("nothing is damaged");
      }
    }
  }

  private static void requireServed(
      LayercacheClient client,
      HttpClient http,
      LayercacheServer server,
      String name,
      SeededImage image)
      throws Exception {
    var reference = ImageReference.parse(name);
    assertThat(client.resolve(reference).manifest().digest()).isEqualTo(image.root().digest());
    for (var blob : image.descriptors()) {
      var bytes = new ByteArrayOutputStream();
      client.download(blob, bytes);
      assertThat(bytes.toByteArray()).isEqualTo(image.bytesOf(blob));
      var kind = blob.digest().equals(image.root().digest()) ? "manifests" : "blobs";
      var uri =
          URI.create(
              "http://%s/v2/%s/%s/%s"
                  .formatted(server.httpAddress(), reference.repository(), kind, blob.digest()));
      var pulled =
          http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());
      assertThat(pulled.statusCode()).isEqualTo(200);
      assertThat(pulled.body()).isEqualTo(image.bytesOf(blob));
    }
  }

  private static LayercacheClient connect(LayercacheServer server) throws IOException {
    return LayercacheClient.connect(ClientOptions.server(server.grpcAddress().toString()));
  }

  /** Stores a blob, and a small one beside it. */
  private Digest fill(String name, byte[] content) throws IOException {
    try (var store = open(name)) {
      put(store.blobs(), bytes(-1, 100));
      return put(store.blobs(), content);
    }
  }

  private RocksStore open(String name) throws IOException {
    return RocksStore.open(directory.resolve(name), StoreOptions.DEFAULTS, Clock.systemUTC());
  }

  private LayercacheServer serve(String name) throws IOException {
    var defaults = ServerConfig.DEFAULTS;
    var config =
        new ServerConfig(
            directory.resolve(name),
            new ServerConfig.Grpc(ANY),
            defaults.http().withListen(ANY),
            defaults.storage(),
            defaults.limits());
    // The background check would find the damage first.
    return LayercacheServer.start(
        config.withIntegrity(new ServerConfig.Integrity(new DataSize(0))));
  }

  private static Outcome run(LayercacheServer server, String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    var all =
        Stream.concat(Stream.of(arguments), Stream.of("--server", server.grpcAddress().toString()))
            .toArray(String[]::new);
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
    return new Outcome(code, out.toString(), err.toString());
  }
}
