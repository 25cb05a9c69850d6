package dev.layercache.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads manifests and indexes of OCI and docker schema 2 (OCI image-spec, "Image Manifest" and
 * "Image Index"). Hostile input costs bounded time and memory: bytes, depth, string length and the
 * number of descriptors are limited. Stateless and thread-safe.
 *
 * <p>A document that could be read as both a manifest and an index is refused, since two readers
 * could see two different images in it (CVE-2021-41190).
 */
public final class ManifestParser {
  /**
   * Most bytes of a manifest (OCI distribution-spec, "Pushing Manifests", asks for at least 4 MiB).
   */
  public static final int MAX_BYTES = 4 << 20;

  /** Most descriptors in one manifest. */
  public static final int MAX_DESCRIPTORS = 20_000;

  private static final int MAX_DEPTH = 64;
  private static final int MAX_STRING = 1 << 20;
  private static final int MAX_QUOTED = 200;

  private static final Set<String> IMAGE_FIELDS = Set.of("config", "layers", "fsLayers");
  private static final Set<String> INDEX_FIELDS = Set.of("manifests");
  private static final Set<String> ROOT_FIELDS =
      Set.of(
          "schemaVersion",
          "mediaType",
          "config",
          "layers",
          "fsLayers",
          "manifests",
          "subject",
          "artifactType");
  private static final Set<String> DESCRIPTOR_FIELDS =
      Set.of("mediaType", "digest", "size", "urls");

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(MAX_STRING)
                          .maxNumberLength(20)
                          .maxNameLength(4096)
                          .maxDocumentLength(MAX_BYTES)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ManifestParser() {}

  /**
   * Reads a manifest of a known kind; content of any other kind is accepted as it is and names
   * nothing.
   *
   * @param bytes the document
   * @param mediaType as the client declared it; empty takes the document's own word, then what its
   *     fields look like
   * @throws InvalidManifestException if it is too large, no JSON, ambiguous, contradicts {@code
   *     mediaType}, or a descriptor in it is malformed
   */
  public static Manifest parse(byte[] bytes, String mediaType) throws InvalidManifestException {
    if (bytes.length > MAX_BYTES) {
      throw new InvalidManifestException(
          "manifest has %d bytes (expected: at most %d)".formatted(bytes.length, MAX_BYTES));
    }
    if (MediaTypes.isSchema1(mediaType)) {
      throw schema1();
    }
    if (!mediaType.isEmpty() && !MediaTypes.isMediaType(mediaType)) {
      throw new InvalidManifestException(
          "manifest's media type: '%s' (expected: type/subtype without parameters)"
              .formatted(brief(mediaType)));
    }
    if (!mediaType.isEmpty() && !MediaTypes.isManifest(mediaType)) {
      return new Manifest(
          mediaType,
          Optional.empty(),
          List.of(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Map.of());
    }
    return fromTree(tree(bytes), mediaType);
  }

  static JsonNode tree(byte[] bytes) throws InvalidManifestException {
    JsonNode root;
    try {
      root = JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new InvalidManifestException(
          "manifest is not valid JSON: " + brief(e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new InvalidManifestException("manifest cannot be read: " + e.getMessage(), e);
    }
    if (root == null || !root.isObject()) {
      throw new InvalidManifestException("manifest is not a JSON object");
    }
    return root;
  }

  private static Manifest fromTree(JsonNode root, String given) throws InvalidManifestException {
    if (root.path("schemaVersion").asInt(0) == 1) {
      throw schema1();
    }
    if (root.path("schemaVersion").asInt(0) != 2) {
      throw new InvalidManifestException(
          "manifest's schemaVersion: %s (expected: 2)"
              .formatted(brief(root.path("schemaVersion"))));
    }
    String mediaType = mediaType(root, given);
    boolean index = MediaTypes.isIndex(mediaType);
    requireExactNames(root, ROOT_FIELDS, "manifest");
    for (String field : index ? IMAGE_FIELDS : INDEX_FIELDS) {
      if (root.has(field)) {
        throw new InvalidManifestException(
            "manifest is ambiguous: %s has %s"
                .formatted(index ? "index" : "image manifest", field));
      }
    }
    String wanted = index ? "manifests" : "layers";
    if (!index && !root.has("config")) {
      throw new InvalidManifestException("image manifest has no config");
    }
    if (!root.path(wanted).isArray()
        && !(root.path(wanted).isNull() || root.path(wanted).isMissingNode())) {
      throw new InvalidManifestException("manifest's %s is not an array".formatted(wanted));
    }
    Optional<Descriptor> config =
        index ? Optional.empty() : Optional.of(descriptor(root.get("config"), "config"));
    Optional<String> artifactType =
        text(root, "artifactType").or(() -> config.map(Descriptor::mediaType));
    return new Manifest(
        mediaType,
        config,
        index ? List.of() : descriptors(root.path("layers"), "layers"),
        index ? descriptors(root.path("manifests"), "manifests") : List.of(),
        root.hasNonNull("subject")
            ? Optional.of(descriptor(root.get("subject"), "subject"))
            : Optional.empty(),
        artifactType.filter(type -> !type.isEmpty()),
        annotations(root, "annotations"));
  }

  /** Go's clients match names whatever their case: to them {@code Layers} is a second layers. */
  private static void requireExactNames(JsonNode object, Set<String> names, String where)
      throws InvalidManifestException {
    for (var field : object.properties()) {
      for (String name : names) {
        if (name.equalsIgnoreCase(field.getKey()) && !name.equals(field.getKey())) {
          throw new InvalidManifestException(
              "%s is ambiguous: field %s (expected: %s)".formatted(where, field.getKey(), name));
        }
      }
    }
  }

  private static String mediaType(JsonNode root, String given) throws InvalidManifestException {
    Optional<String> declared = text(root, "mediaType").filter(type -> !type.isEmpty());
    if (!given.isEmpty() && declared.isPresent() && !declared.get().equals(given)) {
      throw new InvalidManifestException(
          "manifest declares mediaType %s (expected: %s, as given beside it)"
              .formatted(brief(declared.get()), given));
    }
    String mediaType =
        !given.isEmpty()
            ? given
            : declared.orElse(
                root.has("manifests") ? MediaTypes.OCI_INDEX : MediaTypes.OCI_MANIFEST);
    if (!MediaTypes.isManifest(mediaType)) {
      throw new InvalidManifestException(
          "manifest declares mediaType %s (expected: an image manifest or an index)"
              .formatted(brief(mediaType)));
    }
    return mediaType;
  }

  private static List<Descriptor> descriptors(JsonNode array, String where)
      throws InvalidManifestException {
    if (array.size() > MAX_DESCRIPTORS) {
      throw new InvalidManifestException(
          "manifest's %s has %d entries (expected: at most %d)"
              .formatted(where, array.size(), MAX_DESCRIPTORS));
    }
    var all = new ArrayList<Descriptor>(array.size());
    for (int i = 0; i < array.size(); i++) {
      all.add(descriptor(array.get(i), where + "[" + i + "]"));
    }
    return all;
  }

  private static Descriptor descriptor(JsonNode node, String where)
      throws InvalidManifestException {
    if (!node.isObject()) {
      throw new InvalidManifestException("manifest's %s is not a descriptor".formatted(where));
    }
    requireExactNames(node, DESCRIPTOR_FIELDS, where);
    String digest =
        text(node, "digest")
            .orElseThrow(
                () -> new InvalidManifestException("manifest's %s has no digest".formatted(where)));
    JsonNode size = node.path("size");
    if (!size.isIntegralNumber() || !size.canConvertToLong() || size.asLong() < 0) {
      throw new InvalidManifestException(
          "manifest's %s has size %s (expected: a number of bytes, >= 0)"
              .formatted(where, brief(size)));
    }
    try {
      return new Descriptor(
          text(node, "mediaType").orElse(""),
          Digest.parse(digest),
          size.asLong(),
          urls(node.path("urls"), where),
          platform(node.path("platform")),
          text(node, "artifactType"),
          annotations(node, where + ".annotations"));
    } catch (IllegalArgumentException e) {
      throw new InvalidManifestException("manifest's %s: %s".formatted(where, e.getMessage()), e);
    }
  }

  private static List<String> urls(JsonNode array, String where) throws InvalidManifestException {
    if (array.isMissingNode() || array.isNull()) {
      return List.of();
    }
    if (!array.isArray()) {
      throw new InvalidManifestException("manifest's %s.urls is not an array".formatted(where));
    }
    var all = new ArrayList<String>(array.size());
    for (JsonNode url : array) {
      if (!url.isTextual()) {
        throw new InvalidManifestException(
            "manifest's %s.urls has an entry that is no text".formatted(where));
      }
      all.add(url.asText());
    }
    return all;
  }

  static Optional<Platform> platform(JsonNode node) {
    Optional<String> os = text(node, "os");
    Optional<String> architecture = text(node, "architecture");
    if (os.isEmpty() || architecture.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Platform(
            os.get(),
            architecture.get(),
            text(node, "variant").filter(variant -> !variant.isEmpty())));
  }

  private static Map<String, String> annotations(JsonNode node, String where)
      throws InvalidManifestException {
    JsonNode object = node.path("annotations");
    if (object.isMissingNode() || object.isNull()) {
      return Map.of();
    }
    if (!object.isObject()) {
      throw new InvalidManifestException("manifest's %s is not an object".formatted(where));
    }
    var all = new LinkedHashMap<String, String>();
    for (var entry : object.properties()) {
      all.put(entry.getKey(), entry.getValue().asText());
    }
    return all;
  }

  private static Optional<String> text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isTextual() ? Optional.of(value.asText()) : Optional.empty();
  }

  /** Messages travel in headers: what was given is cut. */
  private static String brief(Object given) {
    String text = given.toString();
    if (text.isEmpty()) {
      return "none";
    }
    return text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
  }

  private static InvalidManifestException schema1() {
    return new InvalidManifestException(
        "docker manifest schema 1 is not supported (expected: schema 2 or OCI); push again with a client newer than 2016");
  }
}
