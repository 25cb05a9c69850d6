package dev.layercache.server.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.layercache.oci.InvalidManifestException;
import dev.layercache.oci.ManifestParser;
import dev.layercache.oci.MediaTypes;
import java.util.Arrays;
import java.util.List;

/** Whatever bytes come in, a manifest comes out that holds what it promises, or one exception. */
class ManifestParserFuzzTest {
  private static final List<String> MEDIA_TYPES =
      List.of("", MediaTypes.OCI_MANIFEST, MediaTypes.OCI_INDEX, MediaTypes.DOCKER_MANIFEST, "a/b");

  /**
   * @param input one byte that chooses the media type, then the document
   */
  @FuzzTest(maxDuration = "10s")
  void documentIsReadOrRefused(byte[] input) {
    if (input.length == 0) {
      return;
    }
    String mediaType = MEDIA_TYPES.get(Math.floorMod(input[0], MEDIA_TYPES.size()));
    byte[] document = Arrays.copyOfRange(input, 1, input.length);
    try {
      var manifest = ManifestParser.parse(document, mediaType);
      assertThat(MediaTypes.isMediaType(manifest.mediaType())).isTrue();
      assertThat(manifest.isIndex() ? manifest.layers() : manifest.manifests()).isEmpty();
      assertThat(manifest.references())
          .hasSizeLessThanOrEqualTo(ManifestParser.MAX_DESCRIPTORS + 1)
          .allMatch(reference -> reference.size() >= 0);
    } catch (InvalidManifestException e) {
      assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(6_000);
    }
  }
}
