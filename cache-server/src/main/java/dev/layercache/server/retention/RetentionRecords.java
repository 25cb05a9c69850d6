package dev.layercache.server.retention;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.server.image.ImageGraph.Node;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keys and values of the tables of this package. They are on disk: another layout needs another
 * version. Numbers are big-endian; a digest is one byte for the algorithm (1 SHA-256, 2 SHA-512)
 * and the hash; a text is its length (2) and its UTF-8; values begin with one byte, the version.
 *
 * <pre>
 * PINS       repository 0 digest-of-manifest -> 1, repository, reference, digest, bytes, until
 * LEASES     digest                          -> 1, bytes, until
 * EVICTIONS  "e" number                      -> 1, the entry
 *            "d" digest                      -> number of its last entry
 *            "t" repository 0 tag            -> number of its last entry
 *            "n"                             -> number of the next entry
 * </pre>
 */
final class RetentionRecords {
  static final byte[] ENTRIES = {'e'};
  static final byte[] NEXT_ENTRY = {'n'};

  private static final byte VERSION = 1;
  private static final long FOREVER = Long.MAX_VALUE;

  private RetentionRecords() {}

  static byte[] key(Node node) {
    return bytes(
        out -> {
          out.write(node.repository().getBytes(UTF_8));
          out.writeByte(0);
          put(out, node.digest());
        });
  }

  static byte[] key(Digest digest) {
    return bytes(out -> put(out, digest));
  }

  static Digest digest(byte[] key) throws IOException {
    return digest(new DataInputStream(new ByteArrayInputStream(key)));
  }

  static byte[] pin(Pin pin) {
    return bytes(
        out -> {
          out.writeByte(VERSION);
          out.writeUTF(pin.repository());
          out.writeUTF(pin.reference());
          put(out, pin.manifest());
          out.writeLong(pin.bytes());
          out.writeLong(pin.until().map(Instant::toEpochMilli).orElse(FOREVER));
        });
  }

  static Pin pin(byte[] value) throws IOException {
    var in = open(value);
    return new Pin(in.readUTF(), in.readUTF(), digest(in), in.readLong(), until(in.readLong()));
  }

  static byte[] lease(Leases.Lease lease) {
    return bytes(
        out -> {
          out.writeByte(VERSION);
          out.writeLong(lease.bytes());
          out.writeLong(lease.until().toEpochMilli());
        });
  }

  static Leases.Lease lease(byte[] value) throws IOException {
    var in = open(value);
    return new Leases.Lease(in.readLong(), Instant.ofEpochMilli(in.readLong()));
  }

  static byte[] entryKey(long number) {
    return ByteBuffer.allocate(9).put(ENTRIES).putLong(number).array();
  }

  static byte[] nameKey(Digest digest) {
    return bytes(
        out -> {
          out.writeByte('d');
          put(out, digest);
        });
  }

  static byte[] nameKey(String repository, String tag) {
    return bytes(
        out -> {
          out.writeByte('t');
          out.write(repository.getBytes(UTF_8));
          out.writeByte(0);
          out.write(tag.getBytes(UTF_8));
        });
  }

  static byte[] number(long number) {
    return ByteBuffer.allocate(8).putLong(number).array();
  }

  static long number(byte[] value) {
    return ByteBuffer.wrap(value).getLong();
  }

  static byte[] eviction(Eviction eviction) {
    return bytes(
        out -> {
          out.writeByte(VERSION);
          put(out, eviction.digest());
          out.writeBoolean(eviction.repository().isPresent());
          if (eviction.repository().isPresent()) {
            out.writeUTF(eviction.repository().get());
          }
          out.writeByte(eviction.tags().size());
          for (var tag : eviction.tags()) {
            out.writeUTF(tag);
          }
          out.writeLong(eviction.blobs());
          out.writeLong(eviction.bytes());
          out.writeLong(eviction.lastUse().toEpochMilli());
          out.writeLong(eviction.evicted().toEpochMilli());
          out.writeUTF(eviction.reason());
        });
  }

  static Eviction eviction(byte[] value) throws IOException {
    var in = open(value);
    var digest = digest(in);
    Optional<String> repository = in.readBoolean() ? Optional.of(in.readUTF()) : Optional.empty();
    List<String> tags = new ArrayList<>();
    int count = in.readByte();
    for (int i = 0; i < count; i++) {
      tags.add(in.readUTF());
    }
    return new Eviction(
        digest,
        repository,
        tags,
        in.readLong(),
        in.readLong(),
        Instant.ofEpochMilli(in.readLong()),
        Instant.ofEpochMilli(in.readLong()),
        in.readUTF());
  }

  private static Optional<Instant> until(long millis) {
    return millis == FOREVER ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }

  private static void put(DataOutputStream out, Digest digest) throws IOException {
    out.writeByte(
        switch (digest.algorithm()) {
          case SHA256 -> 1;
          case SHA512 -> 2;
        });
    out.write(digest.bytes());
  }

  private static Digest digest(DataInputStream in) throws IOException {
    byte code = in.readByte();
    var algorithm =
        switch (code) {
          case 1 -> DigestAlgorithm.SHA256;
          case 2 -> DigestAlgorithm.SHA512;
          default ->
              throw new IOException("digest algorithm %d (expected: 1 or 2)".formatted(code));
        };
    return Digest.fromBytes(algorithm, in.readNBytes(algorithm.bytes()));
  }

  private static DataInputStream open(byte[] value) throws IOException {
    var in = new DataInputStream(new ByteArrayInputStream(value));
    byte version = in.readByte();
    if (version != VERSION) {
      throw new IOException(
          "retention record has version %d (expected: %d)".formatted(version, VERSION));
    }
    return in;
  }

  private interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  private static byte[] bytes(Writer writer) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      writer.write(out);
    } catch (IOException e) {
      throw new AssertionError("writing to memory does not fail", e);
    }
    return bytes.toByteArray();
  }
}
