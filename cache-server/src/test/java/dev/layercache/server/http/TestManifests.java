package dev.layercache.server.http;

import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Small manifests of every kind. */
final class TestManifests {
  private TestManifests() {}

  static Digest digest(String content) {
    return Digest.of(content.getBytes(StandardCharsets.UTF_8));
  }

  static String descriptor(String mediaType, String content) {
    return """
        {"mediaType":"%s","digest":"%s","size":%d}"""
        .formatted(mediaType, digest(content), content.getBytes(StandardCharsets.UTF_8).length);
  }

  static String image(String config, String... layers) {
    return image("", config, layers);
  }

  /**
   * @param more further fields, each followed by a comma
   */
  static String image(String more, String config, String[] layers) {
    return """
        {"schemaVersion":2,"mediaType":"%s",%s"config":%s,"layers":[%s]}"""
        .formatted(
            MediaTypes.OCI_MANIFEST,
            more,
            descriptor(MediaTypes.OCI_CONFIG, config),
            Arrays.stream(layers)
                .map(layer -> descriptor(MediaTypes.OCI_LAYER_GZIP, layer))
                .collect(Collectors.joining(",")));
  }

  /** An artifact that refers to {@code subject}, a manifest. */
  static String artifact(String subject, String artifactType, String annotation) {
    String more =
        """
        "artifactType":"%s","subject":%s,"annotations":{"note":"%s"},"""
            .formatted(artifactType, descriptor(MediaTypes.OCI_MANIFEST, subject), annotation);
    return image(more, "{}", new String[0]);
  }

  /** An index of manifests, which are given by their content. */
  static String index(String... manifests) {
    return """
        {"schemaVersion":2,"mediaType":"%s","manifests":[%s]}"""
        .formatted(
            MediaTypes.OCI_INDEX,
            Arrays.stream(manifests)
                .map(manifest -> descriptor(MediaTypes.OCI_MANIFEST, manifest))
                .collect(Collectors.joining(",")));
  }
}
