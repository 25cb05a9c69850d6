/**
 * The names and documents of the OCI image-spec and distribution-spec that both ends of the wire
 * share: digests, descriptors, manifests, image references. Values only: no I/O, no state.
 */
package dev.layercache.oci;
