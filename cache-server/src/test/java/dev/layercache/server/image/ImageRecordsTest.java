package dev.layercache.server.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ImageRecordsTest {
  private static final Digest SHA256 = Digest.sha256("ab".repeat(32));
  private static final Digest SHA512 = new Digest(DigestAlgorithm.SHA512, "cd".repeat(64));

  @Property
  void tagComesBack(
      @ForAll String mediaType,
      @ForAll @LongRange(min = 0) long size,
      @ForAll @LongRange(min = -1L << 50, max = 1L << 50) long updated)
      throws IOException {
    var tag =
        new Tag(
            "v1",
            new Descriptor(encodable(mediaType), SHA512, size),
            Instant.ofEpochMilli(updated));

    assertThat(ImageRecords.tag("v1", ImageRecords.tag(tag.manifest(), tag.updated())))
        .isEqualTo(tag);
  }

  @Property
  void manifestComesBack(
      @ForAll @LongRange(min = 0) long size,
      @ForAll boolean hasSubject,
      @ForAll @IntRange(min = 0) int closure,
      @ForAll @Size(max = 20) List<Reference.Need> needs)
      throws IOException {
    var references = needs.stream().map(need -> new Reference(SHA256, need)).toList();
    Optional<Digest> subject = hasSubject ? Optional.of(SHA512) : Optional.empty();
    var manifest = new ManifestRecord("a/b", size, subject, closure, references);

    assertThat(ImageRecords.manifest(ImageRecords.manifest(manifest))).isEqualTo(manifest);
  }

  @Property
  void referrerComesBack(
      @ForAll Optional<String> artifactType, @ForAll @Size(max = 5) Map<String, String> annotations)
      throws IOException {
    var encodable = new HashMap<String, String>();
    annotations.forEach((name, value) -> encodable.put(encodable(name), encodable(value)));
    var referrer =
        new Descriptor("a/b", SHA256, 7)
            .withArtifact(artifactType.map(ImageRecordsTest::encodable), encodable);

    assertThat(ImageRecords.referrer(ImageRecords.referrer(referrer))).isEqualTo(referrer);
  }

  /** Half a surrogate pair has no UTF-8; JSON that comes in as UTF-8 holds none. */
  private static String encodable(String text) {
    var bytes = text.getBytes(UTF_8);
    return new String(bytes, UTF_8);
  }

  /** What is on disk. */
  @Test
  void layoutIsFixed() {
    String digest = "01" + "ab".repeat(32);
    var descriptor = new Descriptor("a/b", SHA256, 258);
    var manifest =
        new ManifestRecord(
            "a/b",
            258,
            Optional.of(SHA256),
            3,
            List.of(
                new Reference(SHA256, Reference.Need.BLOB),
                new Reference(SHA256, Reference.Need.MANIFEST),
                new Reference(SHA256, Reference.Need.NOTHING)));

    assertThat(hex(ImageRecords.tag(descriptor, Instant.ofEpochMilli(1))))
        .isEqualTo("01" + digest + "00000003612f62" + "0000000000000102" + "0000000000000001");
    assertThat(hex(ImageRecords.manifest(manifest)))
        .isEqualTo(
            "01"
                + "00000003612f62"
                + "0000000000000102"
                + "01"
                + digest
                + "00000003"
                + "00000003"
                + "00"
                + digest
                + "01"
                + digest
                + "02"
                + digest);
    assertThat(
            hex(ImageRecords.referrer(descriptor.withArtifact(Optional.of("x"), Map.of("k", "v")))))
        .isEqualTo(
            "01"
                + digest
                + "00000003612f62"
                + "0000000000000102"
                + "01"
                + "0000000178"
                + "00000001"
                + "000000016b"
                + "0000000176");
    assertThat(hex(ImageRecords.present())).isEqualTo("01");
  }

  @Test
  void recordOfALaterVersionIsRefused() {
    byte[] record = ImageRecords.tag(new Descriptor("a/b", SHA256, 1), Instant.EPOCH);
    record[0] = 2;

    assertThatThrownBy(() -> ImageRecords.tag("v1", record))
        .isInstanceOf(IOException.class)
        .hasMessage("image record has version 2 (expected: 1)");
  }

  @Test
  void truncatedRecordIsRefused() {
    byte[] record =
        ImageRecords.manifest(
            new ManifestRecord(
                "a/b",
                1,
                Optional.empty(),
                1,
                List.of(new Reference(SHA256, Reference.Need.BLOB))));

    for (int length = 0; length < record.length; length++) {
      byte[] truncated = Arrays.copyOf(record, length);
      assertThatThrownBy(() -> ImageRecords.manifest(truncated)).isInstanceOf(IOException.class);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
