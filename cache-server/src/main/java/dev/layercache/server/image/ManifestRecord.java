package dev.layercache.server.image;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.Manifest;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.image.Reference.Need;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A value of MANIFESTS: what must be known of a manifest without parsing it again.
 *
 * @param mediaType as it was pushed
 * @param size bytes of the manifest
 * @param subject what it refers to
 * @param closure how many references it has, and its manifests have, and so on
 * @param references what it names, each digest once; not the subject
 */
record ManifestRecord(
    String mediaType,
    long size,
    Optional<Digest> subject,
    int closure,
    List<Reference> references) {
  ManifestRecord {
    references = List.copyOf(references);
  }

  /** A manifest of a copy, of whose parts nothing is known but what it says itself. */
  static ManifestRecord ofCopy(Manifest manifest, long size) {
    Map<Digest, Need> needs = new LinkedHashMap<>();
    for (var reference : manifest.references()) {
      if (reference.isNonDistributable()) {
        needs.putIfAbsent(reference.digest(), Need.NOTHING);
      } else {
        needs.put(reference.digest(), Need.BLOB);
      }
    }
    for (var reference : manifest.manifests()) {
      if (MediaTypes.isManifest(reference.mediaType())) {
        needs.replace(reference.digest(), Need.BLOB, Need.MANIFEST);
      }
    }
    var references = needs.entrySet().stream().map(e -> new Reference(e.getKey(), e.getValue()));
    return new ManifestRecord(
        manifest.mediaType(),
        size,
        manifest.subject().map(Descriptor::digest),
        needs.size(),
        references.toList());
  }

  StoredManifest stored(Digest digest) {
    return new StoredManifest(new Descriptor(mediaType, digest, size), subject);
  }
}
