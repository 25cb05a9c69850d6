package dev.layercache.server.image;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import java.util.List;
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

  StoredManifest stored(Digest digest) {
    return new StoredManifest(new Descriptor(mediaType, digest, size), subject);
  }
}
