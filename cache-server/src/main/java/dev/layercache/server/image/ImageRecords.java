package dev.layercache.server.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * The values of the tables of this package. They are on disk: another layout needs another version.
 *
 * <p>Every value begins with one byte, the version. Numbers are big-endian; a text is its length in
 * bytes (4) and its UTF-8; a digest is as in {@link ImageKeys}; an optional part is one byte 0 or 1
 * and the part; a list is its length (4) and its elements.
 *
 * <pre>
 * TAGS       1, digest, text media type, size (8), milliseconds since 1970 (8)
 * MANIFESTS  1, text media type, size (8), optional digest of the subject, closure (4),
 *            list of (need (1), digest)
 * REFERRERS  1, digest, text media type, size (8), optional text artifact type,
 *            list of (text, text) annotations
 * TAGGED, LINKS, TOMBSTONES  1
 * </pre>
 */
final class ImageRecords {
  private static final byte VERSION = 1;

  private ImageRecords() {}

  /** The value where the key says it all. */
  static byte[] present() {
    return new byte[] {VERSION};
  }

  static byte[] tag(Descriptor manifest, Instant updated) {
    return write(
        out -> {
          target(out, manifest);
          out.writeLong(updated.toEpochMilli());
        });
  }

  static Tag tag(String name, byte[] value) throws IOException {
    return read(value, in -> new Tag(name, target(in), Instant.ofEpochMilli(in.readLong())));
  }

  static byte[] manifest(ManifestRecord manifest) {
    return write(
        out -> {
          text(out, manifest.mediaType());
          out.writeLong(manifest.size());
          out.writeBoolean(manifest.subject().isPresent());
          if (manifest.subject().isPresent()) {
            out.write(ImageKeys.digest(manifest.subject().get()));
          }
          out.writeInt(manifest.closure());
          out.writeInt(manifest.references().size());
          for (var reference : manifest.references()) {
            out.writeByte(reference.need().code());
            out.write(ImageKeys.digest(reference.digest()));
          }
        });
  }

  static ManifestRecord manifest(byte[] value) throws IOException {
    return read(
        value,
        in -> {
          String mediaType = text(in);
          long size = in.readLong();
          Optional<Digest> subject = in.readBoolean() ? Optional.of(digest(in)) : Optional.empty();
          int closure = in.readInt();
          int count = in.readInt();
          var references = new ArrayList<Reference>();
          for (int i = 0; i < count; i++) {
            var need = Reference.Need.of(in.readByte());
            references.add(new Reference(digest(in), need));
          }
          return new ManifestRecord(mediaType, size, subject, closure, references);
        });
  }

  static byte[] referrer(Descriptor manifest) {
    return write(
        out -> {
          target(out, manifest);
          out.writeBoolean(manifest.artifactType().isPresent());
          if (manifest.artifactType().isPresent()) {
            text(out, manifest.artifactType().get());
          }
          out.writeInt(manifest.annotations().size());
          for (var annotation : manifest.annotations().entrySet()) {
            text(out, annotation.getKey());
            text(out, annotation.getValue());
          }
        });
  }

  static Descriptor referrer(byte[] value) throws IOException {
    return read(
        value,
        in -> {
          Descriptor target = target(in);
          Optional<String> artifactType =
              in.readBoolean() ? Optional.of(text(in)) : Optional.empty();
          int count = in.readInt();
          var annotations = new LinkedHashMap<String, String>();
          for (int i = 0; i < count; i++) {
            annotations.put(text(in), text(in));
          }
          return target.withArtifact(artifactType, annotations);
        });
  }

  private static void target(DataOutputStream out, Descriptor manifest) throws IOException {
    out.write(ImageKeys.digest(manifest.digest()));
    text(out, manifest.mediaType());
    out.writeLong(manifest.size());
  }

  private static Descriptor target(DataInputStream in) throws IOException {
    Digest digest = digest(in);
    return new Descriptor(text(in), digest, in.readLong());
  }

  private static Digest digest(DataInputStream in) throws IOException {
    var algorithm = ImageKeys.algorithm(in.readByte());
    return Digest.fromBytes(algorithm, exactly(in, algorithm.bytes()));
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(exactly(in, in.readInt()), UTF_8);
  }

  private static byte[] exactly(DataInputStream in, int length) throws IOException {
    if (length < 0 || length > in.available()) {
      throw new IOException(
          "image record has %d bytes left (expected: %d)".formatted(in.available(), length));
    }
    return in.readNBytes(length);
  }

  private interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  private interface Reader<T> {
    T read(DataInputStream in) throws IOException;
  }

  private static byte[] write(Writer writer) {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    try {
      out.writeByte(VERSION);
      writer.write(out);
      out.flush();
    } catch (IOException e) {
      throw new AssertionError("writing to memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static <T> T read(byte[] value, Reader<T> reader) throws IOException {
    var in = new DataInputStream(new ByteArrayInputStream(value));
    byte version = in.readByte();
    if (version != VERSION) {
      throw new IOException(
          "image record has version %d (expected: %d)".formatted(version, VERSION));
    }
    return reader.read(in);
  }
}
