package dev.layercache.client.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ManifestParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciLayoutTest {
  @TempDir Path temp;

  @Test
  void whatIsWrittenIsReadBackByteForByte() throws Exception {
    var image = TestImage.of(1, true, 100_000, 10);
    write(image, Optional.of("one"));

    try (var source = OciLayout.source(layout(), Optional.of("one"))) {
      image.assertIsIn(source);
    }
    assertThat(hiddenFiles()).isEmpty();
  }

  @Test
  void anIndexIsKeptWhole() throws Exception {
    var index =
        TestImage.index(
            Map.of("amd64", TestImage.of(1, true, 10), "arm64", TestImage.of(2, false, 20)));
    write(index, Optional.of("multi"));

    try (var source = OciLayout.source(layout(), Optional.empty())) {
      index.assertIsIn(source);
    }
  }

  @Test
  void aTagIsMovedAndOthersStay() throws Exception {
    var first = TestImage.of(1, true, 10);
    var second = TestImage.of(2, true, 10);
    write(first, Optional.of("kept"));
    write(first, Optional.of("moved"));
    write(second, Optional.of("moved"));

    assertThat(rootOf(Optional.of("kept"))).isEqualTo(first.root().digest());
    assertThat(rootOf(Optional.of("moved"))).isEqualTo(second.root().digest());
  }

  @Test
  void fieldsOfOtherToolsSurvive() throws Exception {
    write(TestImage.of(1, true, 10), Optional.of("one"));
    Path index = layout().resolve("index.json");
    Files.writeString(
        index,
        Files.readString(index)
            .replaceFirst(
                "\\{", "{\"annotations\":{\"who\":\"else\"},\"x-unknown\":[1,{\"a\":2}],"));

    write(TestImage.of(2, true, 10), Optional.of("two"));

    assertThat(Files.readString(index))
        .contains("\"annotations\":{\"who\":\"else\"}", "\"x-unknown\":[1,{\"a\":2}]", "\"one\"");
  }

  @Test
  void theTagOfTheLocationWins() throws Exception {
    try (var destination = OciLayout.destination(layout(), Optional.of("location"))) {
      TestImage.of(1, true, 10).writeTo(destination, Optional.of("pulled"));
    }

    assertThat(Files.readString(layout().resolve("index.json")))
        .contains("\"location\"")
        .doesNotContain("\"pulled\"");
  }

  @Test
  void withoutATagLatestIsMeantAndAnErrorListsTheTags() throws Exception {
    var latest = TestImage.of(2, true, 10);
    write(TestImage.of(1, true, 10), Optional.of("one"));
    write(TestImage.of(3, true, 10), Optional.of("two"));
    assertThatThrownBy(() -> rootOf(Optional.empty()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has 2 images: say which one by its tag (it has: one, two)");
    assertThatThrownBy(() -> rootOf(Optional.of("three")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has no image tagged three (it has: one, two)");

    write(latest, Optional.of("latest"));
    assertThat(rootOf(Optional.empty())).isEqualTo(latest.root().digest());
  }

  @Test
  void anInterruptedBlobIsContinued() throws Exception {
    byte[] content = "an interrupted blob".getBytes();
    var descriptor = descriptor(content);
    try (var destination = OciLayout.destination(layout(), Optional.empty())) {
      try (var partial = destination.begin(descriptor)) {
        partial.write(ByteBuffer.wrap(content, 0, 7));
      }
      assertThat(destination.has(descriptor)).isFalse();
    }
    try (var destination = OciLayout.destination(layout(), Optional.empty());
        var partial = destination.begin(descriptor)) {
      assertThat(partial.position()).isEqualTo(7);
      partial.write(ByteBuffer.wrap(content, 7, content.length - 7));
      partial.commit();
      assertThat(destination.has(descriptor)).isTrue();
    }
    assertThat(hiddenFiles()).isEmpty();
  }

  @Test
  void aWrongBlobIsNeverVisibleAndIsStartedOver() throws Exception {
    byte[] content = "the right content".getBytes();
    var descriptor = descriptor(content);
    try (var destination = OciLayout.destination(layout(), Optional.empty())) {
      try (var partial = destination.begin(descriptor)) {
        partial.write(ByteBuffer.wrap("the wrong content".getBytes()));
        assertThatThrownBy(partial::commit)
            .isInstanceOf(IOException.class)
            .hasMessageContaining("expected: " + descriptor.digest());
      }
      assertThat(destination.has(descriptor)).isFalse();
      try (var partial = destination.begin(descriptor)) {
        assertThat(partial.position()).isZero();
        assertThatThrownBy(partial::commit).hasMessageContaining("has 0 bytes (expected: 17)");
        assertThatThrownBy(() -> partial.write(ByteBuffer.allocate(18)))
            .hasMessageContaining("more than the 17 bytes expected");
      }
    }
    assertThat(hiddenFiles()).isEmpty();
  }

  @Test
  void twoWritersOfOneBlobBothSucceed() throws Exception {
    byte[] content = "written twice".getBytes();
    var descriptor = descriptor(content);
    try (var one = OciLayout.destination(layout(), Optional.empty());
        var two = OciLayout.destination(layout(), Optional.empty());
        var first = one.begin(descriptor);
        var sameDestination = one.begin(descriptor);
        var second = two.begin(descriptor)) {
      for (var partial : List.of(first, sameDestination, second)) {
        assertThat(partial.position()).isZero();
        partial.write(ByteBuffer.wrap(content));
      }
      first.commit();
      second.commit();
      sameDestination.commit();
      assertThat(two.has(descriptor)).isTrue();
    }
    assertThat(hiddenFiles()).isEmpty();
  }

  @Test
  void aBlobThatChangedOnDiskIsNotThere() throws Exception {
    var image = TestImage.of(1, true, 1_000);
    write(image, Optional.of("one"));
    Path blob = layout().resolve(LayoutFiles.blobPath(image.root().digest()));
    byte[] bytes = Files.readAllBytes(blob);
    bytes[0] ^= 1;
    Files.write(blob, bytes);

    try (var destination = OciLayout.destination(layout(), Optional.empty())) {
      assertThat(destination.has(image.root())).isFalse();
      assertThatThrownBy(() -> destination.finish(image.root(), Optional.of("two")))
          .hasMessageContaining("lacks the image's manifest");
    }
    try (var source = OciLayout.source(layout(), Optional.empty())) {
      assertThatThrownBy(() -> source.manifest(source.root()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("manifest " + image.root().digest() + " has digest");
    }
  }

  @Test
  void aMissingOrCutBlobIsNamed() throws Exception {
    var image = TestImage.of(1, true, 1_000);
    write(image, Optional.of("one"));
    var descriptor =
        ManifestParser.parse(
                Files.readAllBytes(layout().resolve(LayoutFiles.blobPath(image.root().digest()))),
                "")
            .layers()
            .get(0);
    Digest layer = descriptor.digest();
    Path blob = layout().resolve(LayoutFiles.blobPath(layer));
    try (var source = OciLayout.source(layout(), Optional.empty())) {
      Files.write(blob, new byte[3]);
      assertThatThrownBy(() -> source.open(descriptor, 0))
          .hasMessageContaining("blob " + layer + " has 3 bytes (expected: ");
      Files.delete(blob);
      assertThatThrownBy(() -> source.open(descriptor, 0))
          .hasMessageContaining("lacks blob " + layer);
    }
  }

  @Test
  void aLinkOutOfTheLayoutIsRefused() throws Exception {
    var image = TestImage.of(1, true, 1_000);
    write(image, Optional.of("one"));
    Path blob = layout().resolve(LayoutFiles.blobPath(image.root().digest()));
    Path outside = temp.resolve("outside");
    Files.move(blob, outside);
    Files.createSymbolicLink(blob, outside);

    try (var source = OciLayout.source(layout(), Optional.empty())) {
      assertThatThrownBy(() -> source.manifest(source.root()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("leads out of the layout");
    }
  }

  @Test
  void aDirectoryOfSomethingElseIsLeftAlone() throws Exception {
    Files.createDirectories(layout());
    Files.writeString(layout().resolve("precious"), "mine");

    assertThatThrownBy(() -> OciLayout.destination(layout(), Optional.empty()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("neither empty nor an OCI layout: it has precious");
    assertThatThrownBy(() -> OciLayout.source(layout(), Optional.empty()))
        .hasMessageContaining("is not an OCI layout: it has no file oci-layout");
    try (var entries = Files.list(layout())) {
      assertThat(entries).hasSize(1);
    }
  }

  private Path layout() {
    return temp.resolve("layout");
  }

  private void write(TestImage image, Optional<String> tag) throws IOException {
    try (var destination = OciLayout.destination(layout(), Optional.empty())) {
      image.writeTo(destination, tag);
    }
  }

  private Digest rootOf(Optional<String> tag) throws IOException {
    try (var source = OciLayout.source(layout(), tag)) {
      return source.root().digest();
    }
  }

  private List<Path> hiddenFiles() throws IOException {
    try (var paths = Files.walk(layout())) {
      return paths.filter(path -> path.getFileName().toString().startsWith(".")).toList();
    }
  }

  private static Descriptor descriptor(byte[] content) {
    return new Descriptor("application/octet-stream", Digest.of(content), content.length);
  }
}
