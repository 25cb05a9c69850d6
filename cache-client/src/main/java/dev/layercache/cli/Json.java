package dev.layercache.cli;

import dev.layercache.oci.Descriptor;
import java.util.LinkedHashMap;
import java.util.Map;

/** JSON objects whose keys keep their order. */
final class Json {
  private Json() {}

  /** An object from keys and values in turn. */
  static Map<String, Object> object(Object... keysAndValues) {
    var object = new LinkedHashMap<String, Object>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      object.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return object;
  }

  /** What names a blob. */
  static Map<String, Object> descriptor(Descriptor descriptor) {
    return object(
        "digest", descriptor.digest().toString(),
        "size", descriptor.size(),
        "mediaType", descriptor.mediaType());
  }
}
