// Package preview draws small pictures of pictures that somebody sent, who may mean harm.
//
// What a picture is, its bytes say: PNG, JPEG, GIF or WebP, and nothing that could name or
// run something else. How much memory it takes is found out before it is decoded, and it
// is decoded for so long and no longer. What is drawn has nothing of the file but its
// looks: no place where a photo was taken, no name.
//
// It must not know whose a file is or who may see it.
package preview
