package dev.layercache.client.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.ImageReference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageLocationsTest {
  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(
      strings = {"", "dir", "./dir", "oci", "oci:", "oci::tag", "oci:dir:", "docker:x", "OCI:x"})
  void anUnknownFormIsRefusedWithTheKnownOnes(String location) {
    assertThatThrownBy(() -> ImageLocations.source(location))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "image location: '%s' (expected: oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG])",
            location);
    assertThatThrownBy(() -> ImageLocations.destination(location))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"oci", "oci-archive", "docker-archive"})
  void whatIsNotThereIsNamed(String transport) {
    String location = transport + ':' + temp.resolve("absent");
    assertThatThrownBy(() -> ImageLocations.source(location))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(temp.resolve("absent") + " does not exist");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-x", "a b", "a\nb", "ä"})
  void aTagThatNoToolReadsIsNotWritten(String tag) throws IOException {
    assertThatThrownBy(() -> ImageLocations.destination("oci:" + temp.resolve("l") + ':' + tag))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tag: '" + tag);
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void aDockerArchiveWithoutANameIsNamedAfterItsOrigin() throws IOException {
    String location = "docker-archive:" + temp.resolve("file.tar");
    try (var destination =
        ImageLocations.destination(location, ImageReference.parse("team/app:v1"))) {
      TestImage.of(1, true, 10).writeTo(destination, Optional.empty());
    }
    try (var source = ImageLocations.source(location + ":team/app:v1")) {
      assertThat(source.root().digest()).isEqualTo(TestImage.of(1, true, 10).root().digest());
    }
  }
}
