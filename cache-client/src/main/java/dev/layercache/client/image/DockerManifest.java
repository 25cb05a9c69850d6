package dev.layercache.client.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Manifest;
import dev.layercache.oci.ManifestParser;
import dev.layercache.oci.MediaTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * {@code manifest.json} of docker's archive: an array of images, each with the paths of its config
 * and layers (moby, "Docker Image Specification v1.2", "Combined Image JSON + Filesystem Changeset
 * Format").
 */
final class DockerManifest {
  static final String FILE = "manifest.json";

  /** Most names that a message lists. */
  private static final int LISTED = 20;

  private final LayoutFiles files;
  private final List<Entry> entries;

  /**
   * One image.
   *
   * @param config path of its config
   * @param names what docker calls it, {@code NAME:TAG}; may be empty
   * @param layers paths of its layers, in order
   */
  record Entry(String config, List<String> names, List<String> layers) {}

  private DockerManifest(LayoutFiles files, List<Entry> entries) {
    this.files = files;
    this.entries = entries;
  }

  static DockerManifest read(LayoutFiles files) throws IOException {
    if (files.size(FILE).isEmpty()) {
      throw new IOException(
          files.size(LayoutIndex.FILE).isPresent()
              ? "%s has no file %s, but is an OCI archive: oci-archive:%s"
                  .formatted(files, FILE, files)
              : "%s is not a docker archive: it has no file %s".formatted(files, FILE));
    }
    JsonNode root = BoundedJson.read(files, FILE);
    if (!root.isArray() || root.size() > ManifestParser.MAX_DESCRIPTORS) {
      throw new IOException(
          "%s: %s is not an array of at most %d images"
              .formatted(files, FILE, ManifestParser.MAX_DESCRIPTORS));
    }
    var entries = new ArrayList<Entry>(root.size());
    for (JsonNode image : root) {
      entries.add(
          new Entry(
              path(files, image.path("Config")),
              texts(files, image.path("RepoTags"), "RepoTags"),
              paths(files, image.path("Layers"))));
    }
    return new DockerManifest(files, List.copyOf(entries));
  }

  /** The image called {@code name}; without one the only image. */
  Entry select(Optional<String> name) throws IOException {
    List<Entry> found =
        name.isPresent()
            ? entries.stream().filter(entry -> entry.names().contains(name.get())).toList()
            : entries;
    if (found.size() == 1) {
      return found.get(0);
    }
    String names =
        entries.stream()
            .flatMap(entry -> entry.names().stream())
            .limit(LISTED)
            .collect(Collectors.joining(", "));
    throw new IOException(
        name.isPresent()
            ? "%s has %d images named %s (it has: %s)"
                .formatted(files, found.size(), name.get(), names)
            : "%s has %d images: say which one by its name (it has: %s)"
                .formatted(files, found.size(), names));
  }

  /** Writes {@code manifest.json} into a layout, so that its tar is a docker archive too. */
  static void write(Path layout, Descriptor image, Optional<String> name) throws IOException {
    var files = new DirectoryFiles(layout);
    Manifest manifest =
        ManifestParser.parse(LayoutSource.readManifest(files, image), image.mediaType());
    Descriptor config =
        manifest
            .config()
            .orElseThrow(
                () ->
                    new IOException(
                        "%s is an index of %d images (expected: one image in a docker archive; choose its platform)"
                            .formatted(image.digest(), manifest.manifests().size())));
    if (!config.mediaType().equals(MediaTypes.OCI_CONFIG)
        && !config.mediaType().equals(MediaTypes.DOCKER_CONFIG)) {
      throw new IOException(
          "%s is a %s (expected: a container image in a docker archive)"
              .formatted(image.digest(), config.mediaType()));
    }
    var entry = JsonNodeFactory.instance.objectNode();
    entry.put("Config", LayoutFiles.blobPath(config.digest()));
    if (name.isPresent()) {
      entry.putArray("RepoTags").add(name.get());
    } else {
      entry.putNull("RepoTags");
    }
    var layers = entry.putArray("Layers");
    manifest.layers().forEach(layer -> layers.add(LayoutFiles.blobPath(layer.digest())));
    Files.write(
        layout.resolve(FILE), BoundedJson.bytes(JsonNodeFactory.instance.arrayNode().add(entry)));
  }

  private static List<String> paths(LayoutFiles files, JsonNode array) throws IOException {
    if (!array.isArray() || array.size() > ManifestParser.MAX_DESCRIPTORS) {
      throw new IOException(
          "%s: %s: Layers is not an array of at most %d paths"
              .formatted(files, FILE, ManifestParser.MAX_DESCRIPTORS));
    }
    var paths = new ArrayList<String>(array.size());
    for (JsonNode path : array) {
      paths.add(path(files, path));
    }
    return List.copyOf(paths);
  }

  private static String path(LayoutFiles files, JsonNode node) throws IOException {
    return Optional.of(node)
        .filter(JsonNode::isTextual)
        .flatMap(text -> TarNames.entry(text.asText()))
        .orElseThrow(
            () ->
                new IOException(
                    "%s: %s: a path is missing or leads out of the archive"
                        .formatted(files, FILE)));
  }

  private static List<String> texts(LayoutFiles files, JsonNode array, String field)
      throws IOException {
    if (array.isNull() || array.isMissingNode()) {
      return List.of();
    }
    if (!array.isArray()) {
      throw new IOException("%s: %s: %s is not an array".formatted(files, FILE, field));
    }
    var texts = new ArrayList<String>(array.size());
    array.forEach(text -> texts.add(text.asText()));
    return List.copyOf(texts);
  }
}
