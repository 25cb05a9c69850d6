package dev.layercache.server.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.MediaTypes;
import java.util.Map;

/** Writes manifests and indexes, right ones and wrong ones. */
public final class ManifestJson {
  private final ObjectNode root = JsonNodeFactory.instance.objectNode().put("schemaVersion", 2);

  public static ManifestJson manifest(Descriptor config, Descriptor... layers) {
    var json = new ManifestJson().with("mediaType", MediaTypes.OCI_MANIFEST);
    json.root.set("config", node(config));
    return json.withAll("layers", layers);
  }

  public static ManifestJson index(Descriptor... manifests) {
    return new ManifestJson()
        .with("mediaType", MediaTypes.OCI_INDEX)
        .withAll("manifests", manifests);
  }

  public ManifestJson with(String field, String value) {
    root.put(field, value);
    return this;
  }

  public ManifestJson without(String field) {
    root.remove(field);
    return this;
  }

  public ManifestJson with(String field, Descriptor value) {
    root.set(field, node(value));
    return this;
  }

  public ManifestJson withAll(String field, Descriptor... values) {
    var array = root.putArray(field);
    for (var value : values) {
      array.add(node(value));
    }
    return this;
  }

  public ManifestJson annotated(Map<String, String> annotations) {
    var object = root.putObject("annotations");
    annotations.forEach(object::put);
    return this;
  }

  public byte[] bytes() {
    return root.toString().getBytes(UTF_8);
  }

  private static ObjectNode node(Descriptor descriptor) {
    var node =
        JsonNodeFactory.instance
            .objectNode()
            .put("mediaType", descriptor.mediaType())
            .put("digest", descriptor.digest().toString())
            .put("size", descriptor.size());
    if (!descriptor.urls().isEmpty()) {
      descriptor.urls().forEach(node.putArray("urls")::add);
    }
    descriptor
        .platform()
        .ifPresent(
            platform -> {
              var object = node.putObject("platform");
              object.put("os", platform.os()).put("architecture", platform.architecture());
              platform.variant().ifPresent(variant -> object.put("variant", variant));
            });
    return node;
  }
}
